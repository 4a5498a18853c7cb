"""What a rule would have done on the decisions of the last days, had it been armed: a dry run, which writes nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from incidents.enforcement.models import ActingRule, Strike
from incidents.review.models import Decision, Violation
from policies.vocabulary import Verdict

DAYS: Final = 30
MOST_LOOKED_AT: Final = 10_000


@dataclass(frozen=True)
class Rehearsal:
    """``findings`` are those of the clause at the severity; ``held_back`` is what the cap would have left to people.

    ``is_whole`` False: only the newest ``MOST_LOOKED_AT`` findings were looked at.
    """

    findings: int
    actions: int
    actors: int
    busiest: int
    held_back: int
    is_whole: bool


def rehearse(rule: ActingRule, now: datetime) -> Rehearsal:
    """Go through the upheld findings of the last 30 days in their order. 1 query.

    Strikes are counted as they stand now for each moment: what was voided since is not counted. An actor is left
    alone while the rule's own action would still run; what else ran then is not looked at.
    """
    rows = _findings(rule, now)
    is_whole, rows = len(rows) <= MOST_LOOKED_AT, rows[:MOST_LOOKED_AT]
    runs_for = timedelta(days=rule.parameters.get("days") or DAYS)
    last: dict[int, datetime] = {}
    days: Counter[date] = Counter()
    held_back = 0
    for actor, kind, decided_at, strikes in reversed(rows):
        is_meant = strikes + 1 >= rule.from_strikes and (not rule.actor_kinds or kind in rule.actor_kinds)
        if not is_meant or (actor in last and decided_at < last[actor] + runs_for):
            continue
        if days[decided_at.date()] >= rule.cap:
            held_back += 1
            continue
        last[actor] = decided_at
        days[decided_at.date()] += 1
    return Rehearsal(len(rows), sum(days.values()), len(last), max(days.values(), default=0), held_back, is_whole)


def _findings(rule: ActingRule, now: datetime) -> list[tuple[int, str, datetime, int]]:
    """Return actor, its kind, time and the strikes that counted before, newest first; these are counted last of all."""
    before = Strike.objects.filter(
        actor=OuterRef("item__actor"),
        created_at__lte=OuterRef("decided_at"),
        expires_at__gt=OuterRef("decided_at"),
        voided_at__isnull=True,
    )
    strikes = before.order_by().values("actor").annotate(sum=Sum("weight")).values("sum")
    found = Violation.objects.filter(decision=OuterRef("pk"), clause__clause=rule.clause_id, severity=rule.severity)
    upheld = Decision.objects.filter(
        Exists(found),
        decided_at__gte=now - timedelta(days=DAYS),
        verdict=Verdict.VIOLATING,
        retraction__isnull=True,
        item__verdict=Verdict.VIOLATING,
        item__actor__isnull=False,
    )
    newest = upheld.order_by("-decided_at", "-pk").values("pk")[: MOST_LOOKED_AT + 1]
    rows = Decision.objects.filter(pk__in=newest).order_by("-decided_at", "-pk")
    return list(rows.values_list("item__actor", "item__actor__kind", "decided_at", Coalesce(Subquery(strikes), 0)))
