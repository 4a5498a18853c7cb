"""The difference between two wordings, by word, for the page where old stands left and new stands right."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

WORD = re.compile(r"\s+|[\w'’-]+|[^\w\s]")


@dataclass(frozen=True)
class Piece:
    """A run of text. ``is_changed`` text was removed when it stands on the old side, added when on the new."""

    text: str
    is_changed: bool


@dataclass(frozen=True)
class Difference:
    """One field of a clause before and after. Joining the pieces of a side gives its wording back."""

    field: str
    old: tuple[Piece, ...]
    new: tuple[Piece, ...]

    @property
    def is_changed(self) -> bool:
        return any(piece.is_changed for piece in (*self.old, *self.new))


def compare(field: str, old: str, new: str) -> Difference:
    """Compare two wordings of ``field``. Cost grows with the product of their lengths in words."""
    before, after = WORD.findall(old), WORD.findall(new)
    left: list[Piece] = []
    right: list[Piece] = []
    for kind, start, end, new_start, new_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        is_changed = kind != "equal"
        if start < end:
            left.append(Piece("".join(before[start:end]), is_changed))
        if new_start < new_end:
            right.append(Piece("".join(after[new_start:new_end]), is_changed))
    return Difference(field, tuple(left), tuple(right))
