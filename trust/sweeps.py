"""Sweeps: functions that find due work by query and do it. Celery runs one on a hint, the scheduler runs all by itself.

A room registers its sweeps in ``apps.py``::

    def ready(self) -> None:
        sweeps.register("incidents.queues.tasks.route")
"""

import time
from collections.abc import Callable
from importlib import import_module
from typing import Final

import structlog
from django.db import connection

from trust.celery import hint

log = structlog.get_logger(__name__)

SECONDS_AT_ONCE: Final = 10.0  # then other sweeps have their turn

_registered: dict[str, str] = {}


def register(task: str) -> None:
    """Name a Celery task ("incidents.queues.tasks.route") that the scheduler runs every 30 s as well."""
    _registered[task] = task


def registered() -> list[str]:
    return sorted(_registered)


def run(task: str) -> None:
    """Run one sweep here and now, unless another process is at it (an advisory lock; leaves at once then)."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(hashtext('sweep'), hashtext(%s))", [task])
        if not cursor.fetchone()[0]:
            return
    try:
        _function(task)()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(hashtext('sweep'), hashtext(%s))", [task])


def go_on(step: Callable[[], object], *, task: str) -> None:
    """Take steps while they find something to do, for a short while; if there may be more then, wake ``task`` again."""
    until = time.monotonic() + SECONDS_AT_ONCE
    while step():
        if time.monotonic() > until:
            hint(task)
            return


def run_all(after_each: Callable[[], None] = lambda: None) -> None:
    """Run every sweep once, each by itself: one that fails is logged and does not stop the others."""
    for task in registered():
        try:
            run(task)
        except Exception:
            log.exception("sweep failed", task=task)
            if connection.connection is not None and connection.connection.closed:
                connection.close()
        after_each()


def _function(task: str) -> Callable[[], object]:
    module, _dot, name = task.rpartition(".")
    function: Callable[[], object] = getattr(import_module(module), name)
    return function
