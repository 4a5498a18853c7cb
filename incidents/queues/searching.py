"""What the queues bring to search: where an item is, how it stands, and who may see it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from incidents.intake import queries as intake
from incidents.queues.alone import judged_alone
from incidents.queues.models import Item, ItemQuerySet, ItemToGroup, Round
from incidents.search.vectors import Mark
from trust import prepared
from trust.permissions import Permission

MOST_WAITING: Final = 1_000

_MARKS: Final = """
    select i.generation_id, m.name, m.value from queues_item i
    cross join lateral (
        select 'verdict' as name, i.verdict as value where i.verdict <> ''
        union all select distinct 'queue', q.slug from queues_round r join queues_queue q on q.id = r.queue_id
            where r.item_id = i.id
        union all select distinct 'by', r.closed_by_id::text from queues_round r
            where r.item_id = i.id and r.closed_by_id is not null
    ) m
    where i.generation_id = any(%b::bigint[])
"""


def is_urgent() -> bool:
    """Say whether many alerts wait for a queue, or many items for their group. Two look-ups in what waits."""
    if intake.count_alerts_to_route(up_to=MOST_WAITING + 1) > MOST_WAITING:
        return True
    return ItemToGroup.objects.order_by("pk")[: MOST_WAITING + 1].count() > MOST_WAITING


def marks(generation_ids: Sequence[int]) -> Iterable[tuple[int, str, str]]:
    """Yield the verdict, the queues and the people who closed a round, of each generation. 1 query."""
    yield from prepared.rows_of(_MARKS, [list(generation_ids)])


def openness(person: Any, generation_ids: Sequence[int], now: datetime) -> dict[int, Item]:
    """Return the items of those generations whose content ``person`` may see, by generation. 1 query."""
    items = _shown(person, now).filter(generation__in=generation_ids)
    return {item.generation_id: item for item in items.select_related("actor") if item.generation_id is not None}


def visible(person: Any, generation_ids: Sequence[int], now: datetime) -> set[int]:
    """Return those generations whose content ``person`` may see. 1 query."""
    items = _shown(person, now).filter(generation__in=generation_ids)
    return {identity for identity in items.values_list("generation", flat=True) if identity is not None}


def _shown(person: Any, now: datetime) -> ItemQuerySet:
    """Leave out what the person judges alone: how it was judged would tell by which words and marks find it."""
    return Item.objects.visible_to(person, now).exclude(pk__in=judged_alone(person, now).values("item"))


def reach(person: Any, now: datetime) -> list[Mark] | None:
    """Return what marks the documents that ``person`` may see: those they closed a round of or hold. At most 1 query.

    None for who sees everything that is open to them. It only narrows; ``openness`` decides.
    """
    if not person.may(Permission.VIEW_CONTENT):
        return []
    if person.may(Permission.MANAGE_QUEUES):
        return None
    held = Round.objects.held_by(person, now).values_list("item__generation", flat=True)
    return [("by", str(person.pk)), *(("generation", str(generation)) for generation in held if generation)]


def find_item(person: Any, number: int, now: datetime) -> int | None:
    """Return the generation of an item whose content ``person`` may see. 1 query."""
    return Item.objects.visible_to(person, now).filter(pk=number).values_list("generation", flat=True).first()
