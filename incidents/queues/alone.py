"""What is judged without others' opinions: a second one is one's own only where the first is not there to be read."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from incidents.queues.models import GroupMember, Item, ItemQuerySet, Round
from trust.accounts.models import User

# Rounds in which what others thought is there to be read. A new purpose is judged without it until it is named here.
OPEN_PURPOSES: Final = frozenset({Round.Purpose.FIRST})


def is_judged_alone(held: Round | None) -> bool:
    """Say whether who holds ``held`` is to judge it without others' opinions."""
    return held is not None and held.purpose not in OPEN_PURPOSES


def judged_alone(person: User, now: datetime) -> QuerySet[Round]:
    """Return the rounds that ``person`` holds and is to judge without others' opinions."""
    return Round.objects.held_by(person, now).exclude(purpose__in=OPEN_PURPOSES)


def holds_alone(item: Item, person: User, now: datetime) -> bool:
    """Say whether ``person`` holds ``item`` in a round that is to be judged without others' opinions. 1 query."""
    return judged_alone(person, now).filter(item=item).exists()


def apart_from_alone(items: ItemQuerySet, person: User, now: datetime) -> ItemQuerySet:
    """Leave out what ``person`` judges alone, with all that is nearly the same: one decision may have judged both."""
    alone = judged_alone(person, now).values("item")
    groups = GroupMember.objects.filter(item__in=alone).values("group")
    return items.exclude(pk__in=alone).exclude(membership__group__in=groups)


def near_alone(person: User, now: datetime) -> tuple[list[int], list[int]]:
    """Return the items that ``person`` judges alone, and the groups of what is nearly the same. 1 query."""
    rows = list(judged_alone(person, now).values_list("item", "item__membership__group"))
    return [item for item, _group in rows], [group for _item, group in rows if group is not None]


def without_verdicts(items: Iterable[Item], person: User, now: datetime) -> set[int]:
    """Take verdict and severity off those items, about to be shown, that ``person`` judges alone. 1 query.

    Return their ids. In memory: nothing is saved.
    """
    by_id: dict[int, list[Item]] = {}
    for item in items:
        by_id.setdefault(item.pk, []).append(item)
    alone = set(judged_alone(person, now).filter(item__in=by_id).values_list("item", flat=True))
    for item in (item for pk in alone for item in by_id[pk]):
        item.verdict, item.severity = "", None
    return alone
