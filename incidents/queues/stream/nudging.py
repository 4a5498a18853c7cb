"""The web server's side: say that something changed. A hint, like those of ``trust.celery``: it may be lost."""

import threading
import time
from typing import Final

from django.db import connection, transaction

from incidents.queues.stream.statements import CHANNEL

# Shorter than the process waits before it reads, so that what comes in between is read with it.
SECONDS_BETWEEN: Final = 0.8

_next_at = 0.0
_lock = threading.Lock()


def nudge() -> None:
    """Wake the stream once the transaction has committed: at most once per process and 0.8 s. Never raises."""
    transaction.on_commit(_send, robust=True)


def _send() -> None:
    global _next_at
    with _lock:
        now = time.monotonic()
        if now < _next_at:
            return
        _next_at = now + SECONDS_BETWEEN
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify(%s, '')", [CHANNEL])
