"""Reads: evidence, strikes, what an action would do, what became of its deliveries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import Count, Exists, Min, OuterRef, Prefetch, Q, QuerySet, Sum, Window

from incidents.actors.models import Actor
from incidents.enforcement import kinds
from incidents.enforcement.models import ActingCheck, ActingRuleDay, Delivery, EnforcementAction, Strike
from incidents.intake.models import Generation
from incidents.review.models import Decision, Violation
from policies.vocabulary import EnforcementKind, Verdict
from trust.accounts.models import User
from trust.outgoing.models import Attempt, Endpoint
from trust.proportions import Share, share_of

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
class Beneath:
    """Actors of one kind beneath another: keys and users of an organisation. ``actors`` stops at ``MOST_COUNTED``."""

    kind: str
    actors: int
    without_finding: int

    @property
    def is_counted_out(self) -> bool:
        return self.actors < MOST_COUNTED

    @property
    def label(self) -> str:
        return str(Actor.Kind(self.kind).label)


@dataclass(frozen=True)
class Preview:
    """What approving would mean. Counts stop at ``MOST_COUNTED``, those of who is beneath for each kind."""

    generations: int
    beneath: list[Beneath]
    strikes: StrikeSum
    endpoints: list[Endpoint]

    @property
    def is_counted_out(self) -> bool:
        return self.generations < MOST_COUNTED

    @property
    def people(self) -> int:
        return sum(one.actors for one in self.beneath)

    @property
    def without_finding(self) -> int:
        return sum(one.without_finding for one in self.beneath)


def decisions_with_findings() -> QuerySet[Decision]:
    """Decisions with what evidence is made of, in 2 queries."""
    violations = Violation.objects.select_related("clause__clause", "clause__version__policy").order_by("pk")
    return Decision.objects.select_related("item__actor").prefetch_related(Prefetch("violations", violations))


def decisions_under(enforcement: EnforcementAction) -> QuerySet[Decision]:
    """What ``enforcement`` rests on, with what evidence is made of. 2 queries."""
    links = Decision.objects.filter(enforcement_links__enforcement=enforcement).values("pk")
    return decisions_with_findings().filter(pk__in=links).order_by("pk")


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


def has_judged(enforcement: EnforcementAction, person: User) -> bool:
    """Say whether a decision that ``enforcement`` rests on is by ``person``. 1 query."""
    return Decision.objects.filter(enforcement_links__enforcement=enforcement, by=person).exists()


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
    """Say what approving ``enforcement`` would mean. 4 queries, none of which counts past a thousand."""
    actor = enforcement.actor
    since = now - timedelta(days=TRAFFIC_DAYS)
    generations = Generation.objects.filter(actor=actor, occurred_at__gte=since)
    return Preview(
        generations=_capped(generations),
        beneath=beneath([actor.pk], now),
        strikes=strike_sum(actor, now),
        endpoints=list(Endpoint.objects.active().order_by("name")),
    )


@dataclass(frozen=True)
class Together:
    """What approving several would mean. ``kinds`` pairs each kind, mildest first, with how many there are of it."""

    actors: int
    kinds: list[tuple[str, int]]
    beneath: list[Beneath]
    first_end: datetime | None
    without_end: int
    endpoints: list[Endpoint]


def preview_together(chosen: Sequence[EnforcementAction], now: datetime) -> Together:
    """Say what approving all of ``chosen`` would mean. 2 queries however many."""
    actors = sorted({one.actor_id for one in chosen})
    days = [one.parameters.get("days") for one in chosen]
    counted = Counter(one.kind for one in chosen)
    starts = [max(one.starts_at or now, now) for one in chosen]
    ends = [start + timedelta(days=each) for start, each in zip(starts, days, strict=True) if each]
    return Together(
        actors=len(actors),
        kinds=[(str(kind.label), counted[kind]) for kind in kinds.LADDER if counted[kind]],
        beneath=beneath(actors, now),
        first_end=min(ends, default=None),
        without_end=sum(not each for each in days),
        endpoints=list(Endpoint.objects.active().order_by("name")),
    )


def beneath(actor_ids: Collection[int], now: datetime) -> list[Beneath]:
    """Count the actors beneath these by kind, and those among them against whom nothing was found. 1 query."""
    found_against = Strike.objects.counting(now).filter(actor=OuterRef("pk"))
    children = Actor.objects.filter(parent__in=actor_ids).annotate(is_found=Exists(found_against)).order_by()
    parts = [children.filter(kind=kind).values("kind", "is_found")[:MOST_COUNTED] for kind in Actor.Kind.values]
    counted = Counter((row["kind"], row["is_found"]) for row in parts[0].union(*parts[1:], all=True))
    kinds_of = [kind for kind in Actor.Kind.values if counted[kind, True] or counted[kind, False]]
    return [Beneath(kind, counted[kind, True] + counted[kind, False], counted[kind, False]) for kind in kinds_of]


@dataclass(frozen=True)
class Acted:
    """What a rule did: in all and today, what was reversed of it, and what people found who looked at the draw."""

    actions: int = 0
    reversed: int = 0
    drawn: int = 0
    checked: int = 0
    wrong: int = 0
    today: int = 0
    held_back: int = 0

    @property
    def overturn(self) -> Share | None:
        """The share of its actions that were reversed, by whomever; None of too few."""
        return share_of(self.reversed, self.actions)

    @property
    def mistakes(self) -> Share | None:
        """The share of the checked that were wrong, which tells of all it does: the draw is random."""
        return share_of(self.wrong, self.checked)


def acted(rule_ids: Collection[int], now: datetime) -> dict[int, Acted]:
    """Say what each of these rules did. 3 queries however many rules; every one of ``rule_ids`` is in the answer."""
    actions = EnforcementAction.objects.filter(by_rule__in=rule_ids).order_by().values("by_rule")
    counts = actions.annotate(
        actions=Count("pk"), reversed=Count("pk", filter=Q(status=EnforcementAction.Status.REVERSED))
    )
    checks = ActingCheck.objects.filter(rule__in=rule_ids).order_by().values("rule")
    drawn = checks.annotate(
        drawn=Count("pk"),
        checked=Count("pk", filter=Q(checked_at__isnull=False)),
        wrong=Count("pk", filter=Q(outcome=ActingCheck.Outcome.WRONG)),
    )
    days = ActingRuleDay.objects.filter(rule__in=rule_ids, day=now.date())
    found: dict[int, dict[str, int]] = {pk: {} for pk in rule_ids}
    for pk, *of_actions in counts.values_list("by_rule", "actions", "reversed"):
        found[pk] |= zip(("actions", "reversed"), of_actions, strict=True)
    for pk, *of_checks in drawn.values_list("rule", "drawn", "checked", "wrong"):
        found[pk] |= zip(("drawn", "checked", "wrong"), of_checks, strict=True)
    for day in days:
        found[day.rule_id] |= {"today": day.acted, "held_back": day.held_back}
    return {pk: Acted(**values) for pk, values in found.items()}


@dataclass(frozen=True)
class Alone:
    """What was carried out alone and nobody reviewed yet; ``overdue`` are among ``waiting``."""

    waiting: int
    overdue: int


@dataclass(frozen=True)
class Tasks:
    """What stands above the lists of enforcement. Counts stop at ``MOST_COUNTED``."""

    alone: Alone
    checks: int
    stopped: int


def tasks(now: datetime) -> Tasks:
    """Count what waits to be reviewed and checked, and the rules that stopped at their cap today. 3 queries."""
    overdue = now - timedelta(hours=settings.BREAK_GLASS_REVIEW_HOURS)
    broken = EnforcementAction.objects.to_review().order_by("approved_at", "pk")
    since = list(broken.values_list("approved_at", flat=True)[:MOST_COUNTED])
    alone = Alone(len(since), sum(at is not None and at <= overdue for at in since))
    stopped = ActingRuleDay.objects.filter(day=now.date(), held_back__gt=0, rule__disarmed_at__isnull=True)
    return Tasks(alone, checks=_capped(ActingCheck.objects.waiting()), stopped=_capped(stopped))


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
