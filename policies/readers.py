"""Who read which version: for one person what they have yet to read, for leads who has read a policy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from policies.models import Acknowledgement, Policy, PolicyVersion
from trust.accounts.models import User
from trust.permissions import ROLES_WITH, Permission


@dataclass(frozen=True)
class Standing:
    """How a person stands to a policy: the version in force, and what they last read, None and None for nothing."""

    in_force: PolicyVersion
    read_number: int | None
    read_at: datetime | None

    @property
    def is_read(self) -> bool:
        return self.read_number == self.in_force.number


@dataclass(frozen=True)
class Unread:
    """The ids of policies in force whose words a person has yet to read: changed since they did, or never read.

    ``found`` are those of the latter that were in force before the person came: to be read once, and no news.
    """

    changed: frozenset[int]
    never: frozenset[int]
    found: frozenset[int] = frozenset()

    @property
    def news(self) -> bool:
        """Say whether any of it is news: it changed, or came after the person."""
        return bool(self.changed or self.never)

    def __bool__(self) -> bool:
        return bool(self.news or self.found)


def standing_of(person: User, in_force: PolicyVersion | None) -> Standing | None:
    """Say what ``person`` last read of a policy; None when it is not for them or not in force. 1 query at most."""
    if in_force is None or not person.may(Permission.ACKNOWLEDGE_POLICIES):
        return None
    newest = Acknowledgement.objects.filter(person=person, version__policy=in_force.policy_id)
    read = newest.order_by("-version__number").values_list("version__number", "at").first()
    number, at = read or (None, None)
    return Standing(in_force, number, at)


def unread_by(person: User) -> Unread:
    """Return what ``person`` has yet to read; nothing for who acknowledges nothing. 1 query at most."""
    if not person.may(Permission.ACKNOWLEDGE_POLICIES):
        return Unread(frozenset(), frozenset())
    own = Acknowledgement.objects.filter(person=person)
    unread = PolicyVersion.objects.published().exclude(Exists(own.filter(version=OuterRef("pk"))))
    before = Exists(own.filter(version__policy=OuterRef("policy")))
    rows = list(unread.annotate(was_read=before).values_list("policy_id", "was_read", "published_at"))
    changed = frozenset(pk for pk, was_read, _at in rows if was_read)
    came_later = {pk for pk, _was_read, at in rows if at is not None and at > person.created_at} - changed
    return Unread(changed, frozenset(came_later), frozenset(pk for pk, *_rest in rows) - changed - came_later)


def unread(people: QuerySet[User]) -> QuerySet[User]:
    """Narrow ``readers_of`` to those who have not read the version in force."""
    return people.filter(read_at=None)  # type: ignore[misc]  # annotated


def readers_of(policy: Policy, in_force: PolicyVersion | None) -> QuerySet[User]:
    """Return who is to read ``policy``, with ``read_at`` (the version in force), ``last_number`` and ``last_at``."""
    people: QuerySet[User] = User.objects.active()
    theirs = Acknowledgement.objects.filter(person=OuterRef("pk"))
    last = theirs.filter(version__policy=policy).order_by("-version__number")
    return people.filter(roles__overlap=[*ROLES_WITH[Permission.ACKNOWLEDGE_POLICIES]]).annotate(
        read_at=Subquery(theirs.filter(version=in_force.pk if in_force else None).values("at")[:1]),
        last_number=Subquery(last.values("version__number")[:1]),
        last_at=Subquery(last.values("at")[:1]),
    )
