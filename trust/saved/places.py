"""The lists whose queries can be kept under a name. A room registers its own in ``apps.py``::

    def ready(self) -> None:
        places.register(Place("search", _("Search"), "search:search", Permission.VIEW_CONTENT, "….reading", "q="))

A query is what stands in the list's address, as names and values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from trust.permissions import Permission

Query = Mapping[str, str]


@dataclass(frozen=True)
class Reading:
    """A query as its list reads it now: the part that it understands, in words, and a sentence on each other part."""

    query: dict[str, str]
    words: list[tuple[str, str]]
    gone: list[str]


# What a list makes of a query for a person. It may not raise, whatever the query holds.
Reader = Callable[[Query, Any], Reading]


@dataclass(frozen=True)
class Place:
    """A list: what it is called, its route, who may open it, and the dotted path of its Reader.

    ``plain`` is the part of an address that asks for everything: one that asks for nothing opens with a default view.
    """

    name: str
    label: Any
    route: str
    permission: Permission
    reader: str
    plain: str

    def address(self, query: Query) -> str:
        """Return the address of the list with ``query``; with an empty one everything, never a default view."""
        return f"{reverse(self.route)}?{urlencode(query) or self.plain}"

    def read(self, query: Query, person: Any) -> Reading:
        module, _dot, name = self.reader.rpartition(".")
        reader: Reader = getattr(import_module(module), name)
        return reader(query, person)


_places: dict[str, Place] = {}


def register(place: Place) -> None:
    _places[place.name] = place


def named(name: str) -> Place | None:
    return _places.get(name)


def open_to(person: Any) -> list[Place]:
    """Return the lists that ``person`` may open, by name."""
    return sorted((place for place in _places.values() if person.may(place.permission)), key=lambda place: place.name)
