"""The database's side of the stream: one connection that reads for all viewers, and one that waits for nudges."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import psycopg

from incidents.queues.stream import statements
from incidents.queues.stream.viewers import Viewer

COUNTED_TO: Final = 1000
MOST_ROWS: Final = 300

Counts = dict[str, int]


@dataclass(frozen=True)
class Line:
    """One queue, and how it stands."""

    queue: int
    slug: str
    category: str
    is_for_leads: bool
    counts: Counts


@dataclass(frozen=True)
class Row:
    """A round that is held, or was closed in the last minute, and by whom."""

    queue: int
    is_closed: bool
    round: int
    name: str
    category: str


@dataclass(frozen=True)
class Snapshot:
    lines: Sequence[Line]
    rows: Sequence[Row]


class Reader:
    """Reads on one connection, which is made anew after it broke."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.AsyncConnection | None = None

    async def snapshot(self, watched: Sequence[int]) -> Snapshot:
        """Read how all queues stand, and what happens in those whose rows are ``watched``. 2 or 3 queries."""
        connection = await self._connected()
        queues = await (await connection.execute(statements.QUEUES)).fetchall()
        now = datetime.now(UTC)
        values = {
            "now": now,
            "since": now - timedelta(hours=1),
            "cap": COUNTED_TO + 1,
            "queues": [queue[0] for queue in queues],
        }
        found = await (await connection.execute(statements.STATES.encode(), values)).fetchall()
        names = ("waiting", "overdue", "held", "came_in", "went_out")
        states = {row[0]: dict(zip(names, row[1:6], strict=True)) for row in found}
        lines = [
            Line(pk, slug, category, is_for_leads, states[pk])
            for pk, slug, category, is_for_leads in queues
            if pk in states
        ]
        rows: list[Row] = []
        if watched:
            of_rows = {"queues": list(watched), "most": MOST_ROWS}
            rows = [Row(*row) for row in await (await connection.execute(statements.ROWS.encode(), of_rows)).fetchall()]
        return Snapshot(lines, rows)

    async def admitted(self, viewers: Sequence[Viewer]) -> dict[int, frozenset[str]]:
        """Return by place in ``viewers`` who may still look, and the restricted categories open to them. 1 query."""
        connection = await self._connected()
        watches = [viewer.watch for viewer in viewers]
        values = {
            "places": list(range(len(viewers))),
            "sessions": [watch.session for watch in watches],
            "people": [watch.person for watch in watches],
            "stamps": [watch.stamp for watch in watches],
            "roles": [watch.roles for watch in watches],
        }
        found = await (await connection.execute(statements.ADMITTED.encode(), values)).fetchall()
        return {place: frozenset(categories) for place, categories in found}

    async def nudges(self) -> AsyncIterator[None]:
        """Wait for nudges, on a connection of their own, until it breaks."""
        async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
            await connection.execute(f"listen {statements.CHANNEL}".encode())
            async for _nudge in connection.notifies():
                yield

    async def _connected(self) -> psycopg.AsyncConnection:
        if self._connection is None or self._connection.closed:
            self._connection = await psycopg.AsyncConnection.connect(self._url, autocommit=True, connect_timeout=5)
        return self._connection
