"""What notes need to know of items and actors: who may open one, who judges one, or an item of it, on their own."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from incidents.actors.models import Actor
from incidents.intake.models import Restriction
from incidents.queues.alone import judged_alone
from incidents.queues.models import Item, Round
from trust.accounts.models import Clearance, User
from trust.permissions import ROLES_WITH, Permission


def visible(person: User, ids: Collection[int], now: datetime) -> set[int]:
    """Return those items whose page ``person`` may open. 1 query."""
    return set(Item.objects.visible_to(person, now).filter(pk__in=ids).values_list("pk", flat=True))


def kept_back(person: User, ids: Collection[int], now: datetime) -> set[int]:
    """Return those items that ``person`` holds in a round that is to be judged without others' opinions. 1 query."""
    return set(judged_alone(person, now).filter(item__in=ids).values_list("item", flat=True))


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


def visible_actors(person: User, ids: Collection[int], _now: datetime) -> set[int]:
    """Return those actors whose page ``person`` may open. 1 query."""
    return set(Actor.objects.visible_to(person).filter(pk__in=ids).values_list("pk", flat=True))


def kept_back_actors(person: User, ids: Collection[int], now: datetime) -> set[int]:
    """Return those actors of whose items ``person`` judges one on their own. 1 query."""
    found = judged_alone(person, now).filter(item__actor__in=ids).values_list("item__actor", flat=True)
    return {pk for pk in found if pk is not None}


def readers_of_actor(_pk: int, _now: datetime) -> QuerySet[User]:
    """Return those who may open every actor: leads and auditors."""
    all_of_them = ROLES_WITH[Permission.MANAGE_QUEUES] | ROLES_WITH[Permission.READ_WHOLE_AUDIT]
    people: QuerySet[User] = User.objects.active()
    return people.filter(roles__overlap=[*(all_of_them & ROLES_WITH[Permission.READ_ACTORS])])
