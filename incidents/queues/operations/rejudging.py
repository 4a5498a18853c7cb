"""Asking for a further judgement of many past items at once, under a policy that is newer than they are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import models, transaction

from incidents.intake.models import Restriction
from incidents.queues.models import Item, Queue, Round
from incidents.queues.stream.nudging import nudge
from incidents.search import operations as search
from trust import clock
from trust.accounts.models import User
from trust.audit.operations import record


@dataclass(frozen=True)
class Reopened:
    """The round that was opened for an item, and how the item stood: ``verdict`` is "" where nobody had judged it."""

    round: int
    verdict: str
    severity: int | None


@transaction.atomic
def open_again(
    item_ids: Collection[int], *, queue: Queue, category: int, severity: int, about: Sequence[models.Model], by: User
) -> dict[int, Reopened]:
    """Open a round in ``queue`` for each item that is closed, waits for nothing and is not restricted, by its id.

    What was judged keeps its outcome until the round is closed, and goes to nobody who judged it before. What a rule
    closed gets a first round. ``category`` is the policy that it is about, for those who opted out of it; ``severity``
    is what to expect of an item that nothing was expected of. One event for all, also on ``about``. 8 queries.
    """
    closed = Item.objects.select_for_update(of=("self",), no_key=True).filter(
        pk__in=item_ids, status=Item.Status.CLOSED, generation__isnull=False
    )
    items = {item.pk: item for item in closed.order_by("pk")}
    for left_alone in (_waiting(items), _restricted(items)):  # asked once they are locked
        for pk in left_alone:
            items.pop(pk, None)
    if not items:
        return {}

    last = {round.item_id: round for round in Round.objects.filter(item__in=items).order_by("pk")}
    now = clock.now()
    rounds = []
    for item in items.values():
        before = last.get(item.pk)
        rounds.append(
            Round(
                item=item,
                queue=queue,
                purpose=Round.Purpose.REJUDGE if item.verdict else Round.Purpose.FIRST,
                priority=0,
                expected_severity=before.expected_severity if before else severity,
                categories=sorted({*(before.categories if before else ()), category}),
                due_at=now + queue.allowance,
                created_at=now,
            )
        )
    Round.objects.bulk_create(rounds)
    _open([item.pk for item in items.values() if not item.verdict])
    search.wait_for_index([item.generation_id for item in items.values() if item.generation_id])
    nudge()
    record("item.opened_again", on=[*about, *items.values()], by=by, data={"queue": queue.slug})
    return {
        round.item_id: Reopened(round.pk, items[round.item_id].verdict, items[round.item_id].severity)
        for round in rounds
    }


def _waiting(item_ids: Collection[int]) -> list[int]:
    waiting = Round.objects.filter(item__in=item_ids, status=Round.Status.OPEN)
    return list(waiting.values_list("item", flat=True))


def _restricted(item_ids: Collection[int]) -> list[int]:
    restrictions = Restriction.objects.filter(generation__item__in=item_ids)
    return list(restrictions.values_list("generation__item", flat=True))


def _open(item_ids: Collection[int]) -> None:
    """Open what a rule had closed, as an alert that nothing closes does; the trace still tells of the rule."""
    Item.objects.filter(pk__in=item_ids).update(
        status=Item.Status.OPEN, closed_at=None, closed_as="", closed_by_rule="", closed_by_version=None
    )
