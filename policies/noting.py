"""What notes need to know of a clause's text: who may read it, and who can be asked about it."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet

from policies.models import ClauseVersion, PolicyVersion
from trust.accounts.models import User
from trust.permissions import ROLES_WITH, Permission


def visible(person: User, ids: Collection[int], _now: datetime) -> set[int]:
    """Return those texts that ``person``, who writes or approves guidelines, may comment on. 1 query."""
    if not (person.may(Permission.DRAFT_POLICY) or person.may(Permission.APPROVE_POLICY)):
        return set()
    texts = ClauseVersion.objects.filter(pk__in=ids, version__in=PolicyVersion.objects.visible_to(person))
    return set(texts.values_list("pk", flat=True))


def readers(_pk: int, _now: datetime) -> QuerySet[User]:
    """Return who writes and who approves guidelines."""
    roles = ROLES_WITH[Permission.DRAFT_POLICY] | ROLES_WITH[Permission.APPROVE_POLICY]
    people: QuerySet[User] = User.objects.active()
    return people.filter(roles__overlap=[*roles])
