"""What notes need to know of items: who may open one, who is to judge one on their own."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from incidents.intake.models import Restriction
from incidents.queues.models import Item, Round
from trust.accounts.models import Clearance, User
from trust.permissions import ROLES_WITH, Permission

# Rounds in which what others thought is there to be read. A new purpose is judged without it until it is named here.
OPEN_PURPOSES: Final = frozenset({Round.Purpose.FIRST})


def visible(person: User, ids: Collection[int], now: datetime) -> set[int]:
    """Return those items whose page ``person`` may open. 1 query."""
    return set(Item.objects.visible_to(person, now).filter(pk__in=ids).values_list("pk", flat=True))


def kept_back(person: User, ids: Collection[int], now: datetime) -> set[int]:
    """Return those items that ``person`` holds in a round that is to be judged without others' opinions. 1 query."""
    held = Round.objects.held_by(person, now).exclude(purpose__in=OPEN_PURPOSES)
    return set(held.filter(item__in=ids).values_list("item", flat=True))


def readers(pk: int, now: datetime) -> QuerySet[User]:
    """Return the people who may open an item: leads, and who holds or decided it, cleared where it is restricted."""
    leads = [*(ROLES_WITH[Permission.MANAGE_QUEUES] & ROLES_WITH[Permission.VIEW_CONTENT])]
    reviewers = [*ROLES_WITH[Permission.VIEW_CONTENT]]
    rounds = Round.objects.filter(item=pk)
    holds = rounds.filter(lease_by=OuterRef("pk"), lease_until__gt=now, status=Round.Status.OPEN)
    own = Q(roles__overlap=reviewers) & (Exists(holds) | Exists(rounds.filter(closed_by=OuterRef("pk"))))
    people: QuerySet[User] = User.objects.active().filter(Q(roles__overlap=leads) | own)
    cleared = Clearance.objects.in_force(now).filter(person=OuterRef("person"), category=OuterRef("category"))
    uncleared = Restriction.objects.annotate(person=OuterRef("pk")).filter(generation__item=pk).filter(~Exists(cleared))
    return people.filter(~Exists(uncleared))
