"""Grouping what is there already: items from before there were groups, or grouped by an older comparison."""

from dataclasses import dataclass
from typing import Final

from django.db import transaction

from incidents.queues.grouping import VERSION
from incidents.queues.models import Group, GroupMember
from incidents.queues.operations.grouping import BATCH, group_items
from trust import prepared

MOST_NAMED: Final = 5

_NOTE: Final = """
    with found as (
        select i.id from queues_item i
        where i.id > %s and i.kind = 'generation' and not exists (
            select from queues_groupmember m join queues_group g on g.id = m.group_id
            where m.item_id = i.id and g.version = %s)
        order by i.id limit %s
    ), noted as (
        insert into queues_itemtogroup (item_id) select id from found on conflict do nothing
    )
    select id from found
"""


@dataclass(frozen=True)
class Regrouping:
    """What became of the items: ``joined`` a group that was there, ``led`` a new one, the rest stays ``alone``.

    ``largest`` are (item that leads, members), of the groups that anything joined.
    """

    items: int
    led: int
    joined: int
    alone: int
    largest: list[tuple[int, int]]


def regroup(*, most: int) -> Regrouping:
    """Group up to ``most`` items that no group of today's comparison holds, oldest first, a batch at a time.

    A kill in between leaves the last batch on the list, where the sweep finds it.
    """
    seen: list[int] = []
    while len(seen) < most and (found := _note(seen[-1] if seen else 0, min(BATCH, most - len(seen)))):
        seen += found
        while group_items():
            pass
    groups = list(GroupMember.objects.filter(item__in=seen).values_list("group", flat=True))
    led = Group.objects.filter(version=VERSION, leader__in=seen).count()
    largest = Group.objects.filter(pk__in=set(groups), size__gt=1).order_by("-size", "pk")
    return Regrouping(
        items=len(seen),
        led=led,
        joined=len(groups) - led,
        alone=len(seen) - len(groups),
        largest=list(largest.values_list("leader", "size")[:MOST_NAMED]),
    )


def try_regroup(*, most: int) -> Regrouping:
    """Say what ``regroup`` would do, and do nothing. Other grouping waits meanwhile, so keep ``most`` small."""
    with transaction.atomic():
        tried = regroup(most=most)
        transaction.set_rollback(True)
    return tried


@transaction.atomic
def _note(after: int, many: int) -> list[int]:
    return sorted(item for (item,) in prepared.rows_of(_NOTE, [after, VERSION, many]))
