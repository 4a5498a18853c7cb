"""The time that operations act at: now, or a given moment while synthetic history is made."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.utils import timezone

_given: ContextVar[datetime | None] = ContextVar("given", default=None)


def now() -> datetime:
    return _given.get() or timezone.now()


def given() -> datetime | None:
    """Return the given moment, else None: then a statement takes the database's own time."""
    return _given.get()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let everything inside the block happen at ``moment``. For synthetic history and tests only."""
    token = _given.set(moment)
    try:
        yield
    finally:
        _given.reset(token)
