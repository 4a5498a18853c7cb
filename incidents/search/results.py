"""What stands on the page of search: sentences, bars and rows made of what was found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _, ngettext

from incidents.search import queries
from incidents.search.models import Kind
from incidents.search.pages import Count, Counts, Found, Hit
from incidents.search.parsing import Query
from incidents.search.queries import Facts
from trust import numbers
from trust.charts import Bar, BarChart, width_of


@dataclass(frozen=True)
class Row:
    """One result: the hit, its item, what may be said before anything is revealed."""

    hit: Hit
    item: Any
    facts: Facts | None
    is_note: bool
    gist: str
    number: int


@dataclass(frozen=True)
class Tally:
    """The counts as they are said. ``kinds`` are (sentence, address that narrows to it)."""

    recent: str
    total: str
    kinds: list[tuple[str, str]]
    days: BarChart | None


def rows_of(found: Found) -> list[Row]:
    """Return the rows of a page. 1 query."""
    facts = queries.facts_of({hit.generation_id for hit, _item in found.hits})
    return [
        _row(hit, item, facts.get(hit.generation_id), number) for number, (hit, item) in enumerate(found.hits, start=1)
    ]


def _row(hit: Hit, item: Any, facts: Facts | None, number: int) -> Row:
    is_note = hit.kind == Kind.NOTE
    return Row(hit, item, facts, is_note, _gist(facts, is_note=is_note), number)


def _gist(facts: Facts | None, *, is_note: bool) -> str:
    if is_note:
        return _("A note of a decision.")
    if facts is None:
        return ""
    messages = ngettext("%(many)s message", "%(many)s messages", len(facts.lengths)) % {"many": len(facts.lengths)}
    characters = _("%(many)s characters") % {"many": numbers.count(sum(facts.lengths))}
    return ", ".join(part for part in (messages, characters, facts.language) if part) + "."


def tally_of(counts: Counts, text: str, query: Query) -> Tally:
    """Say ``counts`` of the search ``text``."""
    may_narrow = not (query.since or query.until)
    return Tally(
        recent=_("%(many)s in the last 48 hours") % {"many": figure(counts.in_48_hours)},
        total=_("%(many)s in all") % {"many": figure(counts.total)},
        kinds=[(_kind(kind, count), address(f"{text} kind:{kind}")) for kind, count in counts.kinds],
        days=_days(counts.days, text if may_narrow else ""),
    )


def _kind(kind: str, count: Count) -> str:
    if kind == Kind.NOTE:
        sentence = ngettext("%(many)s note", "%(many)s notes", count.many)
    else:
        sentence = ngettext("%(many)s generation", "%(many)s generations", count.many)
    return sentence % {"many": figure(count)}


def _days(days: list[tuple[date, Count]], text: str) -> BarChart | None:
    if not days:
        return None
    longest = max(count.many for _day, count in days)
    bars = [
        Bar(
            label=date_format(day, "DATE_FORMAT"),
            figure=figure(count),
            width=width_of(count.many, longest),
            url=address(f"{text} since:{day} until:{day}") if text else "",
        )
        for day, count in days
    ]
    return BarChart(summary=_("How many on each day, newest first"), columns=[_("Day (UTC)"), _("Found")], bars=bars)


def figure(count: Count) -> str:
    """Say a number that may have been counted no further: "31", "1,000+"."""
    number = numbers.count(count.many)
    return _("%(number)s+") % {"number": number} if count.is_more else number


def address(text: str, **more: str) -> str:
    return f"{reverse('search:search')}?{urlencode({'q': text, **more})}"
