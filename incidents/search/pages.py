"""The shapes of what is asked and found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple


class Hit(NamedTuple):
    document_id: int
    kind: str
    object_id: int
    generation_id: int
    at: datetime

    @property
    def place(self) -> tuple[datetime, int]:
        return self.at, self.document_id


@dataclass(frozen=True)
class Count:
    """How many; ``is_more`` when it was not counted further."""

    many: int
    is_more: bool = False


@dataclass(frozen=True)
class Counts:
    """How many there are in all, in the last two days, by kind and by day (newest first, those that have any)."""

    total: Count
    in_48_hours: Count
    kinds: list[tuple[str, Count]]
    days: list[tuple[date, Count]]


@dataclass(frozen=True)
class Found:
    """One page: hits with the items that they belong to, and where the next page begins, if there is one.

    ``counts`` are of the first page, where finding it told them.
    """

    hits: list[tuple[Hit, Any]]
    older: tuple[datetime, int] | None
    counts: Counts | None


@dataclass(frozen=True)
class Asked:
    """A query as the database takes it, within the time that the index covers."""

    lexemes: str
    since: datetime
    until: datetime
    before: tuple[datetime, int]
    sees_all: bool
    has_beginnings: bool  # "begin*": every look at the index reads all words that begin so

    def values(self, *, most: int, also: str = "") -> dict[str, Any]:
        query = " & ".join(f"({part})" for part in (self.lexemes, also) if part)
        return {
            "query": query,
            "since": self.since,
            "until": self.until,
            "before_at": self.before[0],
            "before_id": self.before[1],
            "most": most,
        }
