"""Decisions as statistics sees them, and a recount that shares nothing with the room's SQL but the tables."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

from django.db import connection

from incidents.actors.models import Actor
from incidents.review.models import Decision, DecisionToCount, Retraction
from incidents.statistics.periods import Period
from incidents.statistics.tables import Across, Cut
from policies.models import ClauseVersion
from tests.factories import NOW, make_actor, make_alert, make_clause, make_decision, make_generation, make_item

DAY = NOW.date()
MONDAY = DAY - timedelta(days=DAY.weekday())


def make_counted(**fields: Any) -> Decision:
    """Make a decision that waits to be counted; ``actor=`` and ``source=`` say whose item it is."""
    actor = fields.pop("actor", None) or make_actor()
    source = fields.pop("source", None)
    alert = make_alert(generation=make_generation(actor=actor), **({"source": source} if source else {}))
    decision = make_decision(item=make_item(generation=alert.generation), **fields)
    DecisionToCount.objects.create(decision=decision, weight=1)
    return decision


def make_many(actors: list[Actor], clause: ClauseVersion, **fields: Any) -> list[Decision]:
    """Make one decision of each actor, with one violation of ``clause``."""
    return [make_counted(actor=actor, violations=[{"clause": clause}], **fields) for actor in actors]


def make_restricted_clause() -> ClauseVersion:
    clause = make_clause(title="A restricted clause")
    clause.version.policy.restricted_category = "child_safety"
    clause.version.policy.save(update_fields=["restricted_category"])
    return clause


def retract(decision: Decision) -> None:
    Retraction.objects.create(decision=decision, by=decision.by, at=NOW)
    DecisionToCount.objects.create(decision=decision, weight=-1)


def weeks(
    across: str = "policy", *, first: date = MONDAY, last: date = MONDAY + timedelta(days=6), **filters: Any
) -> Cut:
    return Cut(Period.WEEK, Across(across), first, last, filters)


def recount() -> Counter[tuple[Any, ...]]:
    """Count again, decision by decision in Python: (day, kind, clause, severity, verdict, source, actor)."""
    found: Counter[tuple[Any, ...]] = Counter()
    for decision in Decision.objects.filter(retraction__isnull=True).select_related("item__generation"):
        day, item = decision.decided_at.date(), decision.item
        first_alert = item.generation.alerts.order_by("pk").first()
        whose = (decision.verdict, first_alert.source_id, item.actor_id)
        violations = list(decision.violations.select_related("clause__clause__policy"))
        open_ones = [one for one in violations if not one.clause.clause.policy.restricted_category]
        kind = "decision" if open_ones == violations else "referral"
        found[(day, kind, None, None, *whose)] += 1
        for violation in open_ones:
            found[(day, "violation", violation.clause.clause_id, violation.severity, *whose)] += 1
    return found


def rollup() -> Counter[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select day, kind, clause_id, severity, verdict, source_id, actor_id, count from statistics_dailycount"
            " where count <> 0"
        )
        return Counter({row[:-1]: row[-1] for row in cursor.fetchall()})
