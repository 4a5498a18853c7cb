"""Where two people changed the same words: what each says, field by field. Knows forms' raw values and no table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

Raw = dict[str, str]

NOT_COMPARED: Final = {"basis", "note_before", "gap"}


@dataclass(frozen=True)
class Clash:
    """One field that a person and the draft say differently. ``base`` is what it said as the person began."""

    label: Any
    base: str
    mine: str
    theirs: str
    is_changed_twice: bool


def differ(mine: Raw, theirs: Raw) -> bool:
    return any(mine.get(name, "") != theirs.get(name, "") for name in {*mine, *theirs} - NOT_COMPARED)


def merged(mine: Raw, theirs: Raw, base: Raw | None) -> Raw:
    """Return ``mine``, with theirs in the fields that the person left as they were in ``base``."""
    names = {*mine, *theirs} - NOT_COMPARED
    untouched = {name for name in names if base is not None and mine.get(name, "") == base.get(name, "")}
    return mine | {name: theirs.get(name, "") for name in untouched}


def clashes(labels: Iterable[tuple[str, Any]], mine: Raw, theirs: Raw, base: Raw | None) -> Iterator[Clash]:
    """Yield the fields that differ. ``labels`` names all of them, in the order of the form."""
    for name, label in labels:
        if name in NOT_COMPARED or mine.get(name, "") == theirs.get(name, ""):
            continue
        before = base.get(name, "") if base is not None else ""
        is_changed_twice = base is None or mine.get(name, "") != before != theirs.get(name, "")
        yield Clash(label, before, mine.get(name, ""), theirs.get(name, ""), is_changed_twice)
