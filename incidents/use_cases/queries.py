"""Reads: what an actor is approved for, what an item declares, and how far what came in drifts from that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import OuterRef, QuerySet, Subquery

from incidents.actors.models import Actor
from incidents.intake.models import Alert, AlertKind, Generation
from incidents.queues.alone import judged_alone
from incidents.queues.models import Item
from incidents.use_cases.models import Application, ApplicationQuerySet, Fit
from trust.accounts.models import User
from trust.proportions import Share, share_of

DAYS: Final = 30
MOST_LOOKED_AT: Final = 3_000
MOST_DECLARED: Final = 10
MOST_APPLICATIONS: Final = 10


@dataclass(frozen=True)
class Seen:
    """One generation: what it declares, an alert of either kind, what approves it, the newest word on its fit."""

    use_case: str
    flagged_by: int | None
    sampled_by: int | None
    application: int | None
    answer: str | None


@dataclass(frozen=True)
class Drift:
    """Generations of one kind, counted. ``fits``, ``does_not`` and ``cannot_tell`` are of the approved ones."""

    total: int
    approved: int
    other: int
    undeclared: int
    fits: int
    does_not: int
    cannot_tell: int

    @property
    def approved_share(self) -> Share | None:
        return share_of(self.approved, self.total)

    @property
    def judged(self) -> int:
        """Those of which a person could tell."""
        return self.fits + self.does_not

    @property
    def fit_share(self) -> Share | None:
        return share_of(self.fits, self.judged)


@dataclass(frozen=True)
class Declared:
    """A use case that generations name, "" where they name none, and of how many it was approved when they happened."""

    name: str
    count: int
    approved: int


@dataclass(frozen=True)
class Account:
    """What an actor's generations of the last ``DAYS`` declare. ``is_cut``: only the newest were looked at."""

    flagged: Drift
    sampled: Drift
    declared: list[Declared]
    more_declared: int
    is_cut: bool


def account_of(actor: Actor, person: User, now: datetime, *, most: int = MOST_LOOKED_AT) -> Account:
    """Count the newest ``most`` generations of ``actor`` that ``person`` may know of. 1 query."""
    rows = seen_of(actor, person, now)[: most + 1]
    found = [Seen(*row) for row in rows]
    looked_at = found[:most]
    declared = _declared(looked_at)
    return Account(
        flagged=_drift(one for one in looked_at if one.flagged_by),
        sampled=_drift(one for one in looked_at if one.sampled_by),
        declared=declared[:MOST_DECLARED],
        more_declared=max(0, len(declared) - MOST_DECLARED),
        is_cut=len(found) > most,
    )


def seen_of(actor: Actor, person: User, now: datetime) -> QuerySet[Generation, tuple[Any, ...]]:
    """Return the fields of ``Seen``, newest first. Served by index ``generation_of_actor``.

    Nobody is told what others said of an item that they judge alone. An alert's number says "yes": for an ``exists``
    the planner may read all alerts there are.
    """
    generations = Generation.objects.filter(
        actor=actor, occurred_at__gt=now - timedelta(days=DAYS), occurred_at__lte=now
    )
    alerts = Alert.objects.filter(generation=OuterRef("pk"))
    alone = judged_alone(person, now).values("item")
    words = Fit.objects.filter(item__generation=OuterRef("pk")).exclude(item__in=alone).order_by("-pk")
    return (
        generations.not_restricted_for(person, now)
        .annotate(
            flagged_by=Subquery(alerts.exclude(kind=AlertKind.RANDOM_SAMPLE).values("pk")[:1]),
            sampled_by=Subquery(alerts.filter(kind=AlertKind.RANDOM_SAMPLE).values("pk")[:1]),
            application=Subquery(_approved_of(actor).values("pk")[:1]),
            answer=Subquery(words.values("answer")[:1]),
        )
        .order_by("-occurred_at", "-pk")
        .values_list("use_case", "flagged_by", "sampled_by", "application", "answer")
    )


def declared_by(item: Item) -> Application | None:
    """Return the application that the item's generation declares, if it was in force when that happened. 1 query.

    ``item`` comes with its generation and that with its actor.
    """
    generation = item.generation
    if generation is None or generation.actor is None:
        return None
    rows = _applications_for(generation.actor).filter(name=generation.use_case)
    return rows.in_force_when(generation.occurred_at).order_by("-decided_at", "-pk").first()


def own_word(item: Item, person: User) -> Fit | None:
    """Return what ``person`` said of ``item`` last. 1 query."""
    return Fit.objects.filter(item=item, by=person).order_by("-pk").first()


def applications_of(actor: Actor, person: User) -> list[Application]:
    """Return the newest applications of ``actor``. 1 query."""
    rows = Application.objects.visible_to(person).filter(actor=actor)
    return list(rows.order_by("-entered_at", "-pk")[:MOST_APPLICATIONS])


def of_parent(actor: Actor, now: datetime) -> list[Application]:
    """Return what is approved for who ``actor`` belongs to: it holds for the actor too. 1 query, none without one."""
    if actor.parent_id is None:
        return []
    rows = Application.objects.in_force(now).filter(actor=actor.parent_id)
    return list(rows.order_by("-decided_at", "-pk")[:MOST_APPLICATIONS])


def _applications_for(actor: Actor) -> ApplicationQuerySet:
    """What is approved for an actor: its own, and what is approved for who it belongs to."""
    return Application.objects.filter(actor__in=[pk for pk in (actor.pk, actor.parent_id) if pk])


def _approved_of(actor: Actor) -> ApplicationQuerySet:
    rows = _applications_for(actor).filter(name=OuterRef("use_case"))
    return rows.in_force_when(OuterRef("occurred_at")).order_by("-decided_at", "-pk")


def _drift(seen: Iterable[Seen]) -> Drift:
    found = list(seen)
    approved = [one for one in found if one.application is not None]
    words = Counter(one.answer for one in approved)
    undeclared = sum(1 for one in found if not one.use_case)
    return Drift(
        total=len(found),
        approved=len(approved),
        other=len(found) - len(approved) - undeclared,
        undeclared=undeclared,
        fits=words[Fit.Answer.YES],
        does_not=words[Fit.Answer.NO],
        cannot_tell=words[Fit.Answer.CANNOT_TELL],
    )


def _declared(seen: Sequence[Seen]) -> list[Declared]:
    """Most frequent first."""
    counts = Counter(one.use_case for one in seen)
    approved = Counter(one.use_case for one in seen if one.application is not None)
    return [Declared(name, count, approved[name]) for name, count in counts.most_common()]
