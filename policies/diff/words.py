"""The difference between two texts, by word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from policies.diff.shared import Budget, Run, runs

# Chinese and Japanese write no spaces: there, each sign is a word.
_SIGNS: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
WORD: Final = re.compile(rf"\s+|[{_SIGNS}]|(?:(?![{_SIGNS}])[\w'’-])+|[^\w\s]")


class Kind(StrEnum):
    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


class Piece(NamedTuple):
    """A run of text that stands in both texts, in the old alone or in the new alone."""

    kind: Kind
    text: str


@dataclass
class _Change:
    """What was replaced, and what follows unchanged."""

    removed: str
    added: str
    same: str

    @property
    def weight(self) -> int:
        return len(self.removed) + len(self.added)


def words(old: str, new: str, budget: Budget | None = None) -> tuple[Piece, ...]:
    """Compare two texts. The pieces in order give each back: same and removed the old, same and added the new."""
    if old == new:
        return (Piece(Kind.SAME, old),) if old else ()
    budget = budget or Budget()
    if budget.pieces <= 0 or not old or not new:
        return tuple(_pieces([_Change(old, new, "")]))
    before, after = WORD.findall(old), WORD.findall(new)
    changes = _changes(before, after, runs(before, after, budget))
    pieces = tuple(_pieces(_readable(changes)))
    budget.pieces -= len(pieces)
    return pieces


def apply_words(pieces: Iterable[Piece], old: str) -> str:
    """Return the new text. Raises ValueError when ``old`` is not the text that was compared."""
    pieces = tuple(pieces)
    if _joined(pieces, without=Kind.ADDED) != old:
        raise ValueError("this difference was not made from this text")
    return _joined(pieces, without=Kind.REMOVED)


def likeness(old: str, new: str) -> float:
    """Return the share of words in common, 0 to 1, whatever their order. Cost grows with the lengths."""
    before, after = set(WORD.findall(old)), set(WORD.findall(new))
    return len(before & after) / max(len(before | after), 1)


def _joined(pieces: Iterable[Piece], *, without: Kind) -> str:
    return "".join(piece.text for piece in pieces if piece.kind != without)


def _changes(before: Sequence[str], after: Sequence[str], shared: list[Run]) -> list[_Change]:
    changes, at, new_at = [], 0, 0
    for start, new_start, length in [*shared, (len(before), len(after), 0)]:
        removed, added = "".join(before[at:start]), "".join(after[new_at:new_start])
        at, new_at = start + length, new_start + length
        changes.append(_Change(removed, added, "".join(before[start:at])))
    return changes


def _readable(changes: list[_Change]) -> list[_Change]:
    """Let no crumb of two or three letters stand unchanged between much that changed: nobody could read that."""
    read: list[_Change] = []
    for change in changes:
        joined = change
        while read and _is_crumb(read[-1], joined):
            before = read.pop()
            removed, added = (before.same.join(pair) for pair in _sides(before, joined))
            joined = _Change(removed, added, joined.same)
        read.append(joined)
    return read


def _is_crumb(before: _Change, after: _Change) -> bool:
    """Say whether what stands between two changes is to be read as changed with them."""
    lighter = min(before.weight, after.weight)
    return not before.same or (lighter > 0 and 2 * len(before.same) <= lighter)


def _sides(before: _Change, after: _Change) -> tuple[tuple[str, str], tuple[str, str]]:
    return (before.removed, after.removed), (before.added, after.added)


def _pieces(changes: Iterable[_Change]) -> Iterable[Piece]:
    for change in changes:
        for kind, text in ((Kind.REMOVED, change.removed), (Kind.ADDED, change.added), (Kind.SAME, change.same)):
            if text:
                yield Piece(kind, text)
