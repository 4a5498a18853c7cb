"""What rooms below bring to search. A room registers dotted paths in ``apps.py``, so that nothing is imported early::

def ready(self) -> None:
    registry.register_marks("incidents.review.searching.marks")
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any

from incidents.search.vectors import Mark


@dataclass(frozen=True)
class Note:
    """A note about a generation. ``object_id`` is the decision that it stands on."""

    object_id: int
    generation_id: int
    at: datetime
    text: str


# What a generation can be narrowed by: (generation, name, value) of those given.
Marks = Callable[[Sequence[int]], Iterable[tuple[int, str, str]]]
# The notes on the generations given, as they stand.
Notes = Callable[[Sequence[int]], Iterable[Note]]
# The items of those generations given whose content the person may see, by generation; asked at each read.
Openness = Callable[[Any, Sequence[int], datetime], Mapping[int, Any]]
# Those generations alone.
Visible = Callable[[Any, Sequence[int], datetime], Collection[int]]
# Marks of which a document must have one for the person to see it; None where the person sees all that is open.
Reach = Callable[[Any, datetime], Sequence[Mark] | None]
# The generation of an item whose content the person may see, by the item's number.
ItemFinder = Callable[[Any, int, datetime], int | None]

# Whether work waits that is wanted sooner than a text is found.
Urgent = Callable[[], bool]

_urgent: list[str] = []
_marks: list[str] = []
_notes: list[str] = []
_single: dict[str, str] = {}


def register_urgent(path: str) -> None:
    """Name what the index leaves the processor to."""
    _urgent.append(path)


def register_marks(path: str) -> None:
    _marks.append(path)


def register_notes(path: str) -> None:
    _notes.append(path)


def register_people(*, openness: str, visible: str, reach: str, find_item: str) -> None:
    """Say who may see what: the one filter of every search."""
    _single.update(openness=openness, visible=visible, reach=reach, find_item=find_item)


def has_urgent() -> bool:
    return any(_function(path)() for path in _urgent)


def marks_of(generation_ids: Sequence[int]) -> Iterable[tuple[int, str, str]]:
    for path in _marks:
        yield from _function(path)(generation_ids)


def notes_of(generation_ids: Sequence[int]) -> list[Note]:
    return [note for path in _notes for note in _function(path)(generation_ids)]


def openness() -> Openness:
    return _function(_single["openness"])  # type: ignore[no-any-return]


def visible() -> Visible:
    return _function(_single["visible"])  # type: ignore[no-any-return]


def reach() -> Reach:
    return _function(_single["reach"])  # type: ignore[no-any-return]


def find_item() -> ItemFinder:
    return _function(_single["find_item"])  # type: ignore[no-any-return]


def _function(path: str) -> Any:
    module, _dot, name = path.rpartition(".")
    return getattr(import_module(module), name)
