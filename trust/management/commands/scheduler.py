"""``manage.py scheduler``: run every sweep each 30 seconds, whatever the broker and the worker do."""

import signal
import threading
from typing import Any

import structlog
from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, connection

from trust import heartbeat, sweeps
from trust.celery import hint

SECONDS_BETWEEN = 30
SECONDS_AFTER_FAILURE = 2

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    help = "Run every sweep each 30 seconds, so that work goes on when hints are lost. Several may run at once."
    requires_system_checks: list[str] = []

    def handle(self, *arguments: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_signal: stop.set())
        while not stop.is_set():
            stop.wait(SECONDS_BETWEEN if _turn() else SECONDS_AFTER_FAILURE)


def _turn() -> bool:
    """Run everything once; say whether the database was there."""
    try:
        sweeps.run_all(after_each=lambda: heartbeat.beat("scheduler"))
        hint("trust.tasks.note_worker")
    except (DatabaseError, InterfaceError) as error:
        log.warning("the database is away", error=type(error).__qualname__)
        connection.close()
        return False
    return True
