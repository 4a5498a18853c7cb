"""Who looks on, what each may know, and what is written to them."""

import asyncio
import json
from collections.abc import Iterable
from typing import Any, Final

from incidents.queues.stream.handing import Watch

MOST_UNREAD: Final = 256 * 1024  # bytes that a viewer has not taken: then the stream ends, and their page asks again

HEAD: Final = b"""HTTP/1.1 200 OK\r
Content-Type: text/event-stream; charset=utf-8\r
Cache-Control: no-store\r
Connection: close\r
X-Accel-Buffering: no\r
X-Content-Type-Options: nosniff\r
Cross-Origin-Resource-Policy: same-origin\r
\r
retry: 5000\n\n"""
NOT_HERE: Final = b"HTTP/1.1 204 No Content\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
STILL_HERE: Final = b":\n\n"


class Viewer(asyncio.Protocol):
    """One open stream. ``cleared`` is None until the database said that they may look, and for what."""

    def __init__(self, watch: Watch, among: set["Viewer"]) -> None:
        self.watch = watch
        self.cleared: frozenset[str] | None = None
        self.is_told = False  # whether they know how things stood at the last turn
        self._among = among
        self._transport: asyncio.Transport | None = None

    @property
    def audience(self) -> tuple[bool, frozenset[str], int]:
        """What decides what they may know: all of one audience are told the same."""
        return self.watch.is_lead, self.cleared or frozenset(), self.watch.queue

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._among.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._among.discard(self)

    def admit(self, cleared: frozenset[str]) -> None:
        """Let them look; who is cleared for something else than before is told all anew."""
        if self.cleared is None:
            self.write(HEAD)
        self.is_told = self.is_told and cleared == self.cleared
        self.cleared = cleared

    def dismiss(self) -> None:
        """End the stream; who was never let in is told that there is none."""
        self._among.discard(self)
        if self._transport is not None:
            if self.cleared is None:
                self._transport.write(NOT_HERE)
            self._transport.close()

    def write(self, data: bytes) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        transport.write(data)
        if transport.get_write_buffer_size() > MOST_UNREAD:
            transport.abort()


def event(name: str, data: Any) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()


def write_to_all(viewers: Iterable[Viewer], data: bytes) -> None:
    for viewer in viewers:
        viewer.write(data)
