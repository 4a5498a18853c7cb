"""Reads: evidence, strikes, what an action would do, what became of its deliveries."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Exists, Min, OuterRef, Prefetch, Q, QuerySet, Sum, Window

from incidents.actors.models import Actor
from incidents.enforcement import kinds
from incidents.enforcement.models import Delivery, EnforcementAction, Strike
from incidents.intake.models import Generation
from incidents.review.models import Decision, Violation
from policies.vocabulary import EnforcementKind, Verdict
from trust.outgoing.models import Attempt, Endpoint

MOST_COUNTED: Final = 1000
MOST_EVIDENCE: Final = 100
MOST_OFFERED: Final = 20
MOST_STRIKES_SHOWN: Final = 10
TRAFFIC_DAYS: Final = 7


@dataclass(frozen=True)
class Evidence:
    """One decision as it stood when the action was proposed. No content."""

    decision: int
    item: int
    verdict: str
    decided_at: datetime
    violations: list[dict[str, Any]]

    @property
    def severity(self) -> int:
        return max((int(violation["severity"]) for violation in self.violations), default=0)


@dataclass(frozen=True)
class StrikeSum:
    """The strikes that count: their weights together, from how many decisions, the newest, when the next expires."""

    counted: int = 0
    decisions: int = 0
    newest: list[Strike] = field(default_factory=list)
    next_expiry: datetime | None = None


@dataclass(frozen=True)
class Preview:
    """What approving would mean. Counts stop at ``MOST_COUNTED``."""

    generations: int
    people: int
    without_finding: int
    strikes: StrikeSum
    endpoints: list[Endpoint]

    @property
    def is_counted_out(self) -> bool:
        return self.generations < MOST_COUNTED and self.people < MOST_COUNTED


def decisions_with_findings() -> QuerySet[Decision]:
    """Decisions with what evidence is made of, in 2 queries."""
    violations = Violation.objects.select_related("clause__clause", "clause__version__policy").order_by("pk")
    return Decision.objects.select_related("item__actor").prefetch_related(Prefetch("violations", violations))


_UPHELD: Final = Q(item__verdict=Verdict.VIOLATING, verdict=Verdict.VIOLATING, retraction__isnull=True)


def upheld_decisions(actor: Actor) -> list[Decision]:
    """Return the newest decisions against ``actor`` that stand and agree with the outcome of their item. 2 queries."""
    decisions = decisions_with_findings().filter(_UPHELD, item__actor=actor)
    return list(decisions.order_by("-decided_at", "-pk")[:MOST_EVIDENCE])


def with_upheld(actor_ids: Collection[int]) -> set[int]:
    """Return those actors against whom a decision stands and agrees with the outcome of its item. 1 query."""
    decisions = Decision.objects.filter(_UPHELD, item__actor__in=actor_ids)
    return set(decisions.order_by().values_list("item__actor", flat=True).distinct())


def covered(actor_ids: Collection[int], kind: EnforcementKind) -> set[int]:
    """Return those actors for whom as much as ``kind``, or more, is proposed or runs already. 1 query."""
    statuses = [EnforcementAction.Status.PROPOSED, *EnforcementAction.RUNNING]
    actions = EnforcementAction.objects.filter(actor__in=actor_ids, status__in=statuses)
    return {actor for actor, other in actions.values_list("actor", "kind") if kinds.rung(other) >= kinds.rung(kind)}


def snapshot(decisions: Iterable[Decision]) -> list[dict[str, Any]]:
    """Freeze ``decisions``, which come with their findings, as JSON: ids, verdicts, clauses, severities, times."""
    return [
        {
            "decision": decision.pk,
            "item": decision.item_id,
            "verdict": decision.verdict,
            "decided_at": decision.decided_at.isoformat(),
            "violations": [
                {
                    "clause": violation.clause.clause.key,
                    "version": violation.clause.version.number,
                    "severity": violation.severity,
                    "side": violation.side,
                }
                for violation in decision.violations.all()
            ],
        }
        for decision in decisions
    ]


def evidence(enforcement: EnforcementAction) -> list[Evidence]:
    """Read the frozen evidence back, gravest first. No query."""
    return _read(enforcement.evidence)


def as_evidence(decisions: Iterable[Decision]) -> list[Evidence]:
    """Return ``decisions``, which come with their findings, as they would be frozen now, gravest first. No query."""
    return _read(snapshot(decisions))


def strike_sum(actor: Actor, now: datetime) -> StrikeSum:
    """Add up the strikes that count, however many, and load the newest ten. 1 query."""
    whole = {"sum": Window(Sum("weight")), "number": Window(Count("pk")), "next_expiry": Window(Min("expires_at"))}
    counting = Strike.objects.counting(now).filter(actor=actor).annotate(**whole).order_by("-created_at", "-pk")
    newest: list[Any] = list(counting[:MOST_STRIKES_SHOWN])
    return StrikeSum(newest[0].sum, newest[0].number, newest, newest[0].next_expiry) if newest else StrikeSum()


def counted_strikes(actor: Actor, now: datetime) -> int:
    """Return the weight of the strikes that count. 1 query."""
    return Strike.objects.counting(now).filter(actor=actor).aggregate(sum=Sum("weight"))["sum"] or 0


def preview(enforcement: EnforcementAction, now: datetime) -> Preview:
    """Say what approving ``enforcement`` would mean. 5 queries, none of which counts past a thousand."""
    actor = enforcement.actor
    since = now - timedelta(days=TRAFFIC_DAYS)
    generations = Generation.objects.filter(actor=actor, occurred_at__gte=since)
    children = Actor.objects.filter(parent=actor)
    found_against = Strike.objects.counting(now).filter(actor=OuterRef("pk"))
    return Preview(
        generations=_capped(generations),
        people=_capped(children),
        without_finding=_capped(children.filter(~Exists(found_against))),
        strikes=strike_sum(actor, now),
        endpoints=list(Endpoint.objects.active().order_by("name")),
    )


def deliveries(enforcement: EnforcementAction) -> list[Delivery]:
    """Return the deliveries with their attempts, oldest first. 2 queries."""
    attempts = Prefetch("message__attempts", Attempt.objects.order_by("number"))
    rows = enforcement.deliveries.select_related("message__endpoint").prefetch_related(attempts)
    return list(rows.order_by("pk"))


def newest_of(actors: Collection[int], *, visible: QuerySet[EnforcementAction]) -> list[EnforcementAction]:
    """Return the newest actions on ``actors`` among ``visible``, without recommendations that closed by themselves."""
    closed = Q(status=EnforcementAction.Status.DECLINED, declined_by__isnull=True)
    rows = visible.filter(~closed, actor__in=actors).select_related("actor", "proposed_by", "approved_by")
    return list(rows.order_by("-created_at", "-pk")[:MOST_OFFERED])


def is_told(enforcement: EnforcementAction) -> tuple[bool, bool]:
    """Say whether every endpoint received the order to carry out, and whether all receipts are trusted. 1 query."""
    orders = enforcement.deliveries.filter(purpose=Delivery.Purpose.CARRY_OUT)
    rows = list(orders.values_list("message__status", "message__endpoint__trusts_receipt"))
    return all(status == "delivered" for status, _trusts in rows), all(trusts for _status, trusts in rows)


def _read(parts: list[dict[str, Any]]) -> list[Evidence]:
    read = [Evidence(**part | {"decided_at": datetime.fromisoformat(part["decided_at"])}) for part in parts]
    return sorted(read, key=lambda part: (-part.severity, part.decision))


def _capped(rows: QuerySet[Any]) -> int:
    return rows.values("pk")[:MOST_COUNTED].count()
