"""Background work. A message is a hint: it may be lost or doubled, since every task finds its work by query."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import structlog
from celery import Celery
from django.conf import settings
from django.db import transaction

from trust import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trust.settings")

app = Celery("trustdesk")
app.conf.update(broker.celery_settings(settings.CELERY_BROKER_URL, settings.DATABASE_URL))
app.autodiscover_tasks()

log = structlog.get_logger(__name__)

SECONDS_BETWEEN: Final = 1.0

_next_at: dict[str, float] = {}  # for each task: the earliest moment of its next message, on the monotonic clock
_waiting: set[str] = set()
_lock = threading.Lock()
_is_quiet = False


@contextmanager
def without_hints() -> Iterator[None]:
    """Send none from this process meanwhile: where nobody works yet, the first sweeps find everything."""
    global _is_quiet
    _is_quiet = True
    try:
        yield
    finally:
        _is_quiet = False


def hint(task: str) -> None:
    """Wake ``task`` once the transaction has committed: at most once per task, process and second. Never raises.

    A hint that comes too early is sent at the end of that second, so that the last of many is never lost.
    """
    transaction.on_commit(lambda: _send_in_turn(task), robust=True)


def _send_in_turn(task: str) -> None:
    if _is_quiet:
        return
    with _lock:
        seconds = _next_at.get(task, 0.0) - time.monotonic()
        if task in _waiting:
            return
        if seconds > 0:
            _waiting.add(task)
        else:
            _next_at[task] = time.monotonic() + SECONDS_BETWEEN
    if seconds > 0:
        timer = threading.Timer(seconds, _send_late, [task])
        timer.daemon = True
        timer.start()
    else:
        _send(task)


def _send_late(task: str) -> None:
    with _lock:
        _waiting.discard(task)
        _next_at[task] = time.monotonic() + SECONDS_BETWEEN
    _send(task)


def _send(task: str) -> None:
    try:
        app.send_task(task, ignore_result=True, retry=False)
    except Exception as error:  # the broker is down: the scheduler's sweep does the work within 30 s
        log.warning("hint not sent", task=task, error=type(error).__qualname__)
