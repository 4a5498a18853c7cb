"""What the retrospective's pages show: its facts in words, and the rows that each fact counts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Model, QuerySet
from django.urls import reverse

from incidents.actors.models import Actor
from incidents.enforcement.models import EnforcementAction, Strike
from incidents.intake.models import Alert
from incidents.queues.models import Item
from incidents.retrospectives import facts
from incidents.retrospectives.facts import BREAKDOWN, LENGTH, MOMENT, Fact, Value
from incidents.retrospectives.models import Retrospective, SignOff
from incidents.review.models import Decision, Violation
from policies.vocabulary import EnforcementKind, Severity, Verdict
from trust.accounts.models import User

WORDS: dict[str, list[Any]] = {
    "verdicts": [Verdict],
    "violations": [str, Severity],
    "sources": [str],
    "actions": [EnforcementKind, EnforcementAction.Status],
}


@dataclass(frozen=True)
class Group:
    """One line of a breakdown, in words."""

    words: list[str]
    count: int


@dataclass(frozen=True)
class ShownFact:
    """A fact as it is read: exactly one of the values is set; all are None where it cannot be said."""

    key: str
    label: Any
    url: str
    number: int | None = None
    moment: datetime | None = None
    length: timedelta | None = None
    groups: list[Group] | None = None


@dataclass(frozen=True)
class Line:
    """One row that a fact counts. ``name`` is an actor's, which comes from outside."""

    label: str
    detail: str
    at: datetime | None
    name: str = ""


def shown_facts(retrospective: Retrospective, reader: User) -> list[ShownFact]:
    """Return all facts: the frozen ones once signed, else counted now. Their ``url`` is there for who may open it."""
    if retrospective.is_signed():
        assert retrospective.facts is not None
        values = retrospective.facts["values"]
    else:
        values = facts.values(retrospective.incident)
    return [shown(fact, values.get(fact.key), _url(fact, retrospective, reader)) for fact in facts.FACTS]


def shown(fact: Fact, value: Value, url: str = "") -> ShownFact:
    """Put one value into its type. None, also where a fact is younger than what was frozen, cannot be said."""
    if value is None:
        return ShownFact(fact.key, fact.label, url)
    if fact.kind == BREAKDOWN:
        return ShownFact(fact.key, fact.label, url, groups=_groups(fact.key, value))
    if fact.kind == MOMENT:
        return ShownFact(fact.key, fact.label, url, moment=datetime.fromisoformat(str(value)))
    if fact.kind == LENGTH:
        return ShownFact(fact.key, fact.label, url, length=timedelta(seconds=int(str(value))))
    return ShownFact(fact.key, fact.label, url, number=int(str(value)))


def signatures(retrospective: Retrospective) -> list[SignOff]:
    """Return the signatures in force: those of the current version, first one first. One query."""
    signed = retrospective.sign_offs.filter(version=retrospective.version)
    return list(signed.select_related("by").order_by("pk"))


def counted_rows(fact: Fact, retrospective: Retrospective) -> QuerySet[Any]:
    """Return the rows that ``fact`` counts, with what ``line_of`` reads, in 1 query."""
    assert fact.counted is not None
    rows = fact.counted(retrospective.incident)
    related = {
        Decision: ["item"],
        Violation: ["decision", "clause__clause"],
        Alert: ["source"],
        EnforcementAction: ["actor"],
        Strike: ["actor"],
    }
    return rows.select_related(*related.get(rows.model, []))


def lines(rows: Iterable[Model]) -> list[Line]:
    return [line_of(row) for row in rows]


def line_of(row: Any) -> Line:
    return LINES[type(row)](row)


LINES: dict[type[Model], Callable[[Any], Line]] = {
    Item: lambda row: Line(str(row.pk), str(row.get_verdict_display()), row.created_at),
    Decision: lambda row: Line(str(row.item_id), str(row.get_verdict_display()), row.decided_at),
    Violation: lambda row: Line(
        str(row.decision.item_id), f"{row.clause.clause.key} {Severity(row.severity).code}", row.decision.decided_at
    ),
    Alert: lambda row: Line(str(row.pk), f"{row.source.slug}, {row.get_kind_display()}", row.received_at),
    EnforcementAction: lambda row: Line(
        str(row.pk), f"{row.get_kind_display()}, {row.get_status_display()}", row.created_at
    ),
    Strike: lambda row: Line(str(row.pk), str(row.weight), row.created_at, row.actor.external_id),
    Actor: lambda row: Line(str(row.pk), str(row.get_standing_display()), row.created_at, row.external_id),
}


def _url(fact: Fact, retrospective: Retrospective, reader: User) -> str:
    if fact.counted is None:
        return retrospective.incident.get_absolute_url()
    if not reader.may(fact.permission):
        return ""
    return reverse("retrospectives:fact", args=[retrospective.pk, fact.key])


def _groups(key: str, value: Value) -> list[Group]:
    assert isinstance(value, list)
    return [
        Group([_word(kind, part) for kind, part in zip(WORDS[key], group["keys"], strict=True)], group["count"])
        for group in value
    ]


def _word(kind: Any, part: Any) -> str:
    if kind is str:
        return str(part)
    if kind is Severity:
        return Severity(part).code
    return str(kind(part).label)
