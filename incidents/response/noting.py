"""What notes need to know of incidents: who may open one, and who judges an item of one on their own."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from incidents.queues import alone
from incidents.response.models import Incident
from trust.accounts.models import User
from trust.permissions import ROLES_WITH, Permission


def visible(person: User, ids: Collection[int], _now: datetime) -> set[int]:
    """Return those incidents that ``person`` may read. 1 query."""
    return set(Incident.objects.visible_to(person).filter(pk__in=ids).values_list("pk", flat=True))


def kept_back(person: User, ids: Collection[int], now: datetime) -> set[int]:
    """Return those incidents of which ``person`` judges something on their own. 1 query."""
    return set(judged_alone(person, now).filter(pk__in=ids).values_list("pk", flat=True))


def judged_alone(person: User, now: datetime) -> QuerySet[Incident]:
    """Return the incidents of whose items, or items of whose actors, ``person`` judges one on their own."""
    rounds = alone.judged_alone(person, now)
    of_items = rounds.filter(item__incident_links__incident=OuterRef("pk"))
    of_actors = rounds.filter(item__actor__incident_links__incident=OuterRef("pk"))
    return Incident.objects.filter(Exists(of_items) | Exists(of_actors))


def readers(pk: int, _now: datetime) -> QuerySet[User]:
    """Return who may read every incident, and who opened or owns this one."""
    incident = Incident.objects.filter(pk=pk)
    own = Q(pk__in=incident.values("owner")) | Q(pk__in=incident.values("created_by"))
    some, every = ROLES_WITH[Permission.READ_INCIDENTS], ROLES_WITH[Permission.READ_ALL_INCIDENTS]
    people: QuerySet[User] = User.objects.active()
    return people.filter(Q(roles__overlap=[*every]) | own & Q(roles__overlap=[*some]))
