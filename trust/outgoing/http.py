"""The only HTTP client: one POST to a checked address, without redirects or proxies, over within 15 seconds."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any, Final

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from trust.outgoing import guard
from trust.outgoing.models import Attempt

DEADLINE_SECONDS: Final = 15.0
MOST_READ: Final = 64 * 1024
LONGEST_WAIT: Final = timedelta(hours=24)

Fault = Attempt.Fault


@dataclass(frozen=True)
class Answer:
    """What became of one POST. Without a ``status_code`` there is a ``fault``. ``text`` is at most 64 KiB."""

    status_code: int | None = None
    fault: str = ""
    text: str = ""
    duration_ms: int = 0
    retry_after: timedelta | None = None

    @property
    def is_received(self) -> bool:
        return self.status_code is not None and 200 <= self.status_code < 300


class _Pinned:
    """Speak over a line that is already connected to the checked address."""

    line: socket.socket

    def _new_conn(self) -> socket.socket:
        return self.line


class _PinnedHttp(_Pinned, HTTPConnection):
    pass


class _PinnedHttps(_Pinned, HTTPSConnection):
    pass


def post(url: str, *, body: bytes, headers: Mapping[str, str], deadline: float = DEADLINE_SECONDS) -> Answer:
    """POST ``body`` and tell what was answered; a failure is an answer too, nothing is raised for it."""
    start = time.monotonic()
    try:
        status, text, retry_after = _exchange(url, body, headers, start + deadline)
        fault = ""
    except Exception as error:
        fault = _fault_of(error, is_late=time.monotonic() - start >= deadline)
        status, text, retry_after = None, "", None
    return Answer(status, fault, text, int((time.monotonic() - start) * 1000), retry_after)


def _exchange(url: str, body: bytes, headers: Mapping[str, str], until: float) -> tuple[int, str, timedelta | None]:
    target = guard.check(url)
    with _line_to(target, until) as line:
        connection = _connection(target, line, until)
        try:
            connection.request("POST", target.path, body=body, headers=headers, preload_content=False)
            response = connection.getresponse()
            return response.status, _text_of(response), _retry_after(response)
        finally:
            connection.close()


@contextmanager
def _line_to(target: guard.Target, until: float) -> Iterator[socket.socket]:
    """Connect to a checked address; cut the line when time is up, whatever is being waited for.

    A time limit on the socket alone would start anew with each byte of a slow answer, and TLS takes the socket over:
    so a second handle on the same line is shut down by a timer.
    """
    line = _connected(target, until)
    handle = line.dup()
    timer = threading.Timer(_left(until), _cut, [handle])
    timer.daemon = True
    timer.start()
    try:
        yield line
    finally:
        timer.cancel()
        timer.join()
        handle.close()
        line.close()


def _connected(target: guard.Target, until: float) -> socket.socket:
    """Connect to the first checked address that answers."""
    *others, last = target.addresses
    for address in others:
        try:
            return socket.create_connection((address, target.port), timeout=_left(until) / len(target.addresses))
        except OSError:
            continue
    return socket.create_connection((last, target.port), timeout=_left(until))


def _cut(handle: socket.socket) -> None:
    try:
        handle.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it ended by itself


def _connection(target: guard.Target, line: socket.socket, until: float) -> HTTPConnection:
    kind: Any = _PinnedHttps if target.is_https else _PinnedHttp
    options = {"ssl_context": ssl.create_default_context()} if target.is_https else {}
    connection: HTTPConnection = kind(target.host, target.port, timeout=_left(until), **options)
    connection.line = line  # type: ignore[attr-defined]
    return connection


def _left(until: float) -> float:
    return max(until - time.monotonic(), 0.001)


def _text_of(response: BaseHTTPResponse) -> str:
    """Read what the receiver says, as far as it goes: with its status the answer stands, even if the rest is cut."""
    try:
        body = response.read(MOST_READ, decode_content=False)
    except (HTTPError, HTTPException, OSError):
        return ""
    return body.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")


def _retry_after(response: BaseHTTPResponse) -> timedelta | None:
    """Read ``Retry-After``, in seconds or as a date; None without one that makes sense. At most a day."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return min(timedelta(seconds=int(value[:9])), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    wait = moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)
    return min(max(wait, timedelta(0)), LONGEST_WAIT)


def _fault_of(error: Exception, *, is_late: bool) -> str:
    """Name what went wrong. Raises what is a mistake of ours."""
    if isinstance(error, guard.AddressRefused):
        return Fault.REFUSED_ADDRESS
    if isinstance(error, guard.NameNotFound):
        return Fault.NAME_NOT_FOUND
    if not isinstance(error, (HTTPError, HTTPException, OSError)):
        raise error
    if is_late or isinstance(error, TimeoutError):
        return Fault.TOO_SLOW
    if isinstance(error, ssl.SSLError):
        return Fault.TLS
    if isinstance(error, HTTPException) and not isinstance(error, ConnectionError):
        return Fault.NOT_HTTP
    return Fault.NO_CONNECTION
