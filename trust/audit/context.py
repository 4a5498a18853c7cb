"""Which request, and which API key if any, an audit event belongs to; set once at the edge."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_request_id: ContextVar[str] = ContextVar("request_id", default="")
_via_key: ContextVar[int | None] = ContextVar("via_key", default=None)


@contextmanager
def request(identifier: str) -> Iterator[None]:
    token, key_token = _request_id.set(identifier), _via_key.set(None)
    try:
        yield
    finally:
        _request_id.reset(token)
        _via_key.reset(key_token)


def use_key(key_id: int) -> None:
    _via_key.set(key_id)


def request_id() -> str:
    return _request_id.get()


def via_key() -> int | None:
    """Return the id of the API key that speaks, or None when a person or the system does."""
    return _via_key.get()
