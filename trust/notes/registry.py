"""What notes may be about. Rooms register their objects in ``apps.py``, by dotted paths, so that nothing comes early::

def ready(self) -> None:
    registry.register(
        registry.Kind("item", "queues.item", route="review:item", visible="incidents.queues.noting.visible", …)
    )
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any

from django.apps import apps
from django.db.models import Model, QuerySet
from django.urls import reverse

from trust.audit import sentences

# Those of the objects given, by id, that the person may open, or whose notes of others are kept from them. 1 query.
Narrowing = Callable[[Any, Collection[int], datetime], set[int]]
# The people who may open the object with this id, to be offered.
Readers = Callable[[int, datetime], QuerySet[Any]]


@dataclass(frozen=True)
class Kind:
    """One kind of object. ``name`` stands in addresses, ``model`` in the audit, ``route`` opens one.

    ``kept_back`` names the objects that the person is to judge without knowing what others think: of these they see
    only their own notes, not how many there are, nor who else looks.
    Notes on what ``is_resolvable`` ask for something, which somebody marks as settled.
    """

    name: str
    model: str
    route: str
    visible: str
    readers: str
    kept_back: str = ""
    is_resolvable: bool = False


@dataclass(frozen=True)
class Subject:
    """One object that notes are about."""

    kind: Kind
    pk: int

    @property
    def title(self) -> str:
        """Return "Item 48213"."""
        noun = str(sentences.noun(self.kind.model).one)
        return f"{noun[:1].upper()}{noun[1:]} {self.pk}"

    @property
    def url(self) -> str:
        return reverse(self.kind.route, args=[self.pk])

    @property
    def row(self) -> Model:
        """Return the object by its id alone, for the audit. No query."""
        row: Model = apps.get_model(self.kind.model)(pk=self.pk)
        return row

    def is_visible_to(self, person: Any, now: datetime) -> bool:
        """1 query."""
        return self.pk in visible(self.kind, person, [self.pk], now)

    def is_kept_back_from(self, person: Any, now: datetime) -> bool:
        """At most 1 query."""
        return self.pk in kept_back(self.kind, person, [self.pk], now)

    def readers(self, now: datetime) -> QuerySet[Any]:
        found: QuerySet[Any] = _function(self.kind.readers)(self.pk, now)
        return found


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    _kinds[kind.name] = kind


def named(name: str) -> Kind | None:
    return _kinds.get(name)


def subject(name: str, pk: int) -> Subject:
    """Return an object of a kind that is registered. Raises KeyError."""
    return Subject(_kinds[name], pk)


def of_model(model: str) -> Kind | None:
    return next((kind for kind in _kinds.values() if kind.model == model), None)


def subject_of(model: str, pk: int) -> Subject:
    """Return the object that a note names. Raises LookupError for a model that no room registered."""
    kind = of_model(model)
    if kind is None:
        raise LookupError(f"no notes on {model!r}")
    return Subject(kind, pk)


def visible(kind: Kind, person: Any, ids: Collection[int], now: datetime) -> set[int]:
    found: set[int] = _function(kind.visible)(person, ids, now)
    return found


def kept_back(kind: Kind, person: Any, ids: Collection[int], now: datetime) -> set[int]:
    found: set[int] = _function(kind.kept_back)(person, ids, now) if kind.kept_back else set()
    return found


def _function(path: str) -> Any:
    module, _dot, name = path.rpartition(".")
    return getattr(import_module(module), name)
