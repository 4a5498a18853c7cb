from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from trust.accounts.models import User
from trust.saved import places
from trust.saved.models import SavedView, StartView
from trust.saved.places import Place, Query

MOST_TABS: Final = 50


@dataclass(frozen=True)
class Tab:
    view: SavedView
    is_current: bool
    is_own: bool


@dataclass(frozen=True)
class Shelf:
    """The views of one list beside the query that it shows now."""

    place: Place
    tabs: list[Tab]
    query: str  # as an address has it; "" where nothing narrows the list
    is_kept: bool

    @property
    def plain_url(self) -> str:
        return self.place.address({})


def shelf(name: str, query: Query, *, by: User) -> Shelf:
    """Return the views that ``by`` sees of the list ``name``, which shows ``query``. 1 query."""
    place = places.named(name)
    if place is None:
        raise ValueError(f"no such list: {name!r}")
    views = SavedView.objects.visible_to(by).filter(place=name).for_tabs(by)[:MOST_TABS]
    tabs = [Tab(view, is_current=view.query == dict(query), is_own=view.owner_id == by.pk) for view in views]
    return Shelf(place, tabs, urlencode(query), is_kept=any(tab.is_current for tab in tabs))


def start_view(name: str, *, by: User) -> SavedView | None:
    """Return the view that the list ``name`` opens with for ``by``, unless it is no longer shared. 1 query."""
    chosen = StartView.objects.filter(person=by, place=name).values("view")
    return SavedView.objects.visible_to(by).filter(pk__in=chosen).first()
