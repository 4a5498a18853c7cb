"""What a new or upgraded installation needs besides its tables: the default policies, the default queue.

A room registers its step in ``apps.py``, as a management command that does nothing when its work is done::

    def ready(self) -> None:
        preparation.register("publish_default_pack")
"""

from io import StringIO

from django.core.management import call_command

_commands: list[str] = []


def register(command: str) -> None:
    """Name a command that ``manage.py prepare`` runs after the migrations, in the rooms' order."""
    if command not in _commands:
        _commands.append(command)


def run() -> None:
    for command in _commands:
        call_command(command, stdout=StringIO())
