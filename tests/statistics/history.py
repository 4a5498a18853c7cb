"""Many decisions in a few statements: as ``make_counted`` makes one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from incidents.actors.models import Actor
from incidents.intake.models import Alert, AlertKind, Batch, Generation, Source
from incidents.queues.models import Item, Round
from incidents.review.models import Decision, DecisionToCount, Violation
from policies.models import ClauseVersion
from tests.factories import NOW, make_queue, make_user


@dataclass(frozen=True)
class Judged:
    """One judgement; violating when a clause was found."""

    at: datetime
    actor: Actor
    source: Source
    clause: ClauseVersion | None = None
    severity: int = 2
    verdict: str = "benign"


def make_decisions(judged: Sequence[Judged]) -> list[Decision]:
    by, queue = make_user(), make_queue()
    batches = {one.source: Batch.objects.create(source=one.source, received_at=NOW) for one in judged}
    generations = Generation.objects.bulk_create(
        Generation(actor=one.actor, occurred_at=one.at, received_at=one.at) for one in judged
    )
    pairs = list(zip(judged, generations, strict=True))
    Alert.objects.bulk_create(
        Alert(
            source=one.source,
            external_id=str(generation.pk),
            generation=generation,
            batch=batches[one.source],
            kind=AlertKind.DETECTOR,
            occurred_at=one.at,
            received_at=one.at,
        )
        for one, generation in pairs
    )
    items = Item.objects.bulk_create(
        Item(generation=generation, actor=one.actor, status="closed", created_at=one.at, closed_at=one.at)
        for one, generation in pairs
    )
    rounds = Round.objects.bulk_create(
        Round(item=item, queue=queue, status="closed", due_at=at, created_at=at, closed_at=at, closed_by=by)
        for item in items
        for at in [item.created_at]
    )
    decisions = Decision.objects.bulk_create(
        Decision(
            round=round,
            item=round.item,
            by=by,
            verdict="violating" if one.clause else one.verdict,
            decided_at=one.at,
        )
        for one, round in zip(judged, rounds, strict=True)
    )
    Violation.objects.bulk_create(
        Violation(decision=decision, clause=one.clause, severity=one.severity, side="interaction")
        for one, decision in zip(judged, decisions, strict=True)
        if one.clause
    )
    DecisionToCount.objects.bulk_create(DecisionToCount(decision=decision, weight=1) for decision in decisions)
    return decisions
