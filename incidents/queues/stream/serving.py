"""The process: takes connections, asks who may look, reads what changed, and tells it."""

import asyncio
import json
import socket
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import psycopg
import structlog

from incidents.queues.stream.address import is_ours
from incidents.queues.stream.handing import Watch
from incidents.queues.stream.reading import Line, Reader, Row, Snapshot
from incidents.queues.stream.viewers import STILL_HERE, Viewer, event, write_to_all

SECONDS_TO_COLLECT: Final = 1.0  # after a nudge, so that what many do at once is read once
SECONDS_TO_GATHER: Final = 0.05  # after somebody came
SECONDS_BETWEEN_READS: Final = 4.0  # when no nudge came: one may be lost, and leases end without one
SECONDS_BETWEEN_CHECKS: Final = 20.0
SECONDS_UNCHECKED: Final = 30.0  # nobody looks on for longer without being asked for again
SECONDS_BETWEEN_SIGNS: Final = 15.0
SECONDS_AFTER_FAILURE: Final = 2.0
MOST_VIEWERS: Final = 5000
LONGEST_WATCH: Final = 4096

log = structlog.get_logger(__name__)


class Stream:
    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.viewers: set[Viewer] = set()
        self.last = Snapshot([], [])
        self._wake = asyncio.Event()
        self._has_newcomers = False
        self._checked_at = self._signed_at = time.monotonic()

    async def run(self, path: Path) -> None:
        """Serve what is handed to the socket at ``path``, until cancelled."""
        with _bound(path) as door:
            asyncio.get_running_loop().add_reader(door, self._take, door)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._listen())
                group.create_task(self._serve())

    def _take(self, door: socket.socket) -> None:
        """Take one connection that the web server handed on."""
        with suppress(BlockingIOError):
            data, descriptors, _flags, _address = socket.recv_fds(door, LONGEST_WATCH, 4)
            sockets = [socket.socket(fileno=descriptor) for descriptor in descriptors]
            if len(sockets) != 1 or len(self.viewers) >= MOST_VIEWERS:
                for one in sockets:
                    one.close()
                return
            viewer = Viewer(Watch(**json.loads(data)), self.viewers)
            sockets[0].setblocking(False)
            asyncio.get_running_loop().create_task(_connect(viewer, sockets[0]))
            self._has_newcomers = True
            self._wake.set()

    async def _listen(self) -> None:
        while True:
            try:
                async for _nudge in self.reader.nudges():
                    self._wake.set()
            except psycopg.Error as error:
                log.warning("the database is away", error=type(error).__qualname__)
            await asyncio.sleep(SECONDS_AFTER_FAILURE)

    async def _serve(self) -> None:
        while True:
            await self._until_due()
            try:
                await self.turn()
            except psycopg.Error as error:
                log.warning("the database is away", error=type(error).__qualname__)
                self._dismiss_unchecked()
                await asyncio.sleep(SECONDS_AFTER_FAILURE)

    async def _until_due(self) -> None:
        """Wait for a nudge or somebody new; without anybody who looks on, nothing is read at all."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), SECONDS_BETWEEN_READS if self.viewers else None)
            await asyncio.sleep(SECONDS_TO_GATHER if self._has_newcomers else SECONDS_TO_COLLECT)
        self._wake.clear()
        self._has_newcomers = False

    async def turn(self) -> None:
        """Check who may look, read once for all of them, and tell each what is new."""
        now = time.monotonic()
        everyone = list(self.viewers)
        is_time = now - self._checked_at >= SECONDS_BETWEEN_CHECKS
        to_check = everyone if is_time else [viewer for viewer in everyone if viewer.cleared is None]
        if to_check:
            admitted = await self.reader.admitted(to_check)
            for place, viewer in enumerate(to_check):
                if place in admitted:
                    viewer.admit(admitted[place])
                else:
                    viewer.dismiss()
        if is_time:
            self._checked_at = now
        if not self.viewers:
            self._checked_at = now
            return
        watched = sorted({viewer.watch.queue for viewer in self.viewers if viewer.watch.is_lead} - {0})
        snapshot = await self.reader.snapshot(watched)
        self._tell(snapshot)
        self.last = snapshot
        if now - self._signed_at >= SECONDS_BETWEEN_SIGNS:
            self._signed_at = now
            write_to_all(self.viewers, STILL_HERE)

    def _tell(self, snapshot: Snapshot) -> None:
        audiences: dict[tuple[bool, frozenset[str], int, bool], list[Viewer]] = defaultdict(list)
        for viewer in self.viewers:
            if viewer.cleared is not None:
                audiences[(*viewer.audience, viewer.is_told)].append(viewer)
                viewer.is_told = True
        for (is_lead, cleared, queue, is_told), viewers in audiences.items():
            before = self.last if is_told else Snapshot([], [])
            data = _counts(snapshot.lines, before.lines, is_lead, cleared)
            if is_lead and queue:
                data += _rows(snapshot.rows, before.rows if is_told else None, queue, cleared)
            if data:
                write_to_all(viewers, data)

    def _dismiss_unchecked(self) -> None:
        if time.monotonic() - self._checked_at > SECONDS_UNCHECKED:
            for viewer in list(self.viewers):
                viewer.dismiss()


def _counts(lines: Sequence[Line], before: Sequence[Line], is_lead: bool, cleared: frozenset[str]) -> bytes:
    """Tell how the queues stand that the audience may see, those that changed."""
    known = set(map(_key, before))
    changed = {
        line.slug: line.counts
        for line in lines
        if _key(line) not in known and line.category in {"", *cleared} and (is_lead or not line.is_for_leads)
    }
    return event("counts", changed) if changed else b""


def _key(line: Line) -> tuple[int, tuple[int, ...]]:
    return line.queue, tuple(line.counts.values())


def _rows(rows: Sequence[Row], before: Sequence[Row] | None, queue: int, cleared: frozenset[str]) -> bytes:
    """Tell who holds what in a queue, when that changed, and what was closed since. ``before`` None: tell all."""
    now, then = _of(rows, queue, cleared), _of(before or [], queue, cleared)
    held, closed = now[False], [row for row in now[True] if row not in then[True]]
    if before is not None and not closed and held == then[False]:
        return b""
    return event("rows", {"held": held, "closed": closed})


def _of(rows: Sequence[Row], queue: int, cleared: frozenset[str]) -> dict[bool, list[Any]]:
    """Return [round, name] of what the audience may know of, by whether it is closed."""
    found: dict[bool, list[Any]] = {False: [], True: []}
    for row in sorted(rows, key=lambda row: row.round):
        if row.queue == queue and row.category in {"", *cleared}:
            found[row.is_closed].append([row.round, row.name])
    return found


async def _connect(viewer: Viewer, connection: socket.socket) -> None:
    with suppress(OSError):
        await asyncio.get_running_loop().connect_accepted_socket(lambda: viewer, connection)


def _bound(path: Path) -> socket.socket:
    """Listen at ``path``, which only this system user may write to."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not is_ours(path):
        raise PermissionError(f"{path.parent} is not a folder of this system user alone: remove it")
    path.unlink(missing_ok=True)
    door = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    door.setblocking(False)
    door.bind(str(path))
    path.chmod(0o600)
    return door
