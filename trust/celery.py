"""Background work. A message is a hint: it may be lost or doubled, since every task finds its work by query."""

import os
import threading
import time

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

_last_sent: dict[str, float] = {}
_lock = threading.Lock()


def hint(task: str) -> None:
    """Wake ``task`` once the transaction has committed: at most once per task, process and second. Never raises."""
    transaction.on_commit(lambda: _send(task), robust=True)


def _send(task: str) -> None:
    now = time.monotonic()
    with _lock:
        if now - _last_sent.get(task, -1.0) < 1.0:
            return
        _last_sent[task] = now
    try:
        app.send_task(task, ignore_result=True, retry=False)
    except Exception as error:  # the broker is down: the scheduler's sweep does the work within 30 s
        log.warning("hint not sent", task=task, error=type(error).__qualname__)
