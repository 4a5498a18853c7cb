"""Holding the other items of a group for the moment in which one decision is applied to them."""

from collections.abc import Collection
from typing import Final, NamedTuple

from django.db import transaction

from incidents.queues import rules
from incidents.queues.models import Item, Round
from incidents.queues.operations.openness import IS_OPEN
from trust import clock, prepared
from trust.accounts.models import User
from trust.refusals import Refused


class Held(NamedTuple):
    """A round that is held, under which fence."""

    round: int
    item: int
    fence: int


_HOLD: Final = f"""
    with alike as (
        select r.id from queues_groupmember mine
        join queues_groupmember other on other.group_id = mine.group_id and other.item_id <> mine.item_id
        join queues_round r on r.item_id = other.item_id and r.status = 'open' and r.lease_by_id is null
        join queues_queue q on q.id = r.queue_id
        where mine.item_id = %(item)s and r.purpose = 'first' and q.restricted_category = ''
            and {IS_OPEN.format(now="%(now)s")}
        order by other.item_id limit %(most)s for no key update of r skip locked
    )
    update queues_round r set lease_by_id = %(by)s, lease_until = %(now)s + q.lease, fence = r.fence + 1
    from alike, queues_queue q
    where r.id = alike.id and q.id = r.queue_id
    returning r.id, r.item_id, r.fence
"""  # noqa: S608  parts of our own


_HOLD_THESE: Final = f"""
    with free as (
        select r.id from queues_round r
        where r.id = any(%(rounds)s::bigint[]) and r.status = 'open' and r.purpose = 'first'
            and (r.lease_by_id is null or r.lease_until <= %(now)s) and {IS_OPEN.format(now="%(now)s")}
        order by r.id for no key update of r skip locked
    )
    update queues_round r set lease_by_id = %(by)s, lease_until = %(now)s + q.lease, fence = r.fence + 1
    from free, queues_queue q
    where r.id = free.id and q.id = r.queue_id
    returning r.id, r.item_id, r.fence
"""  # noqa: S608  parts of our own


@transaction.atomic
def hold_alike(item: Item, *, most: int, by: User) -> list[Held]:
    """Take the first rounds of other items in the group of ``item`` that nobody holds, up to ``most``, oldest first.

    What others are just taking is left to them. Restricted items and queues are left out.
    """
    rows = prepared.rows_of(_HOLD, {"item": item.pk, "most": most, "by": by.pk, "now": clock.now()})
    return sorted((Held(*row) for row in rows), key=lambda held: held.item)


@transaction.atomic
def hold_these(rounds: Collection[int], *, by: User) -> list[Held]:
    """Take those of ``rounds`` that nobody holds and that ``by`` may know of; no second opinions.

    What others are just taking is left to them.
    """
    values = {"rounds": sorted(rounds), "by": by.pk, "now": clock.now()}
    return [Held(*row) for row in prepared.rows_of(_HOLD_THESE, values)]


@transaction.atomic
def take_free(round: Round, *, by: User) -> Held:
    """Take up again what ``by`` held and gave back, while nobody has it. Raises Refused (lease-lost)."""
    held = hold_these([round.pk], by=by) if rules.is_free_for(round, by) else []
    if not held:
        raise Refused(rules.lease_lost(), code="lease-lost")
    return held[0]


@transaction.atomic
def let_go(rounds: Collection[int], *, by: User) -> None:
    """Give rounds that ``by`` holds back to their queues."""
    Round.objects.filter(pk__in=rounds, lease_by=by).update(lease_by=None, lease_until=None)
