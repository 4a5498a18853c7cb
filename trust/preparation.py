"""What a new or upgraded installation needs besides its tables: the default policies, the default queue.

A room registers its step in ``apps.py``, as a function that does nothing when its work is done::

    def ready(self) -> None:
        preparation.register("policies.operations.publish_default_pack")
"""

from importlib import import_module

_steps: list[str] = []


def register(function: str) -> None:
    """Name a function without arguments that ``manage.py prepare`` calls after the migrations, in the rooms' order."""
    if function not in _steps:
        _steps.append(function)


def run() -> None:
    for step in _steps:
        module, _dot, name = step.rpartition(".")
        getattr(import_module(module), name)()
