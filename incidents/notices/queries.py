"""What leads are told of: what waits for them, or went wrong."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from incidents.appeals.models import Appeal
from incidents.enforcement.models import Delivery, EnforcementAction
from incidents.notices.models import Notice, OptOut
from policies.vocabulary import SEVERE
from trust.accounts.models import User
from trust.outgoing.models import Endpoint, Message
from trust.permissions import Role

Kind = Notice.Kind
MOST_AT_ONCE: Final = 200  # of one kind, in one look
MOST_LOOKED_AT: Final = 2000  # of one kind, the newest: whoever was told of so many knows
NEWS_FOR: Final = timedelta(days=30)  # what was given up before was told, or is no news

PLACES: Final = {
    Kind.SECOND_PERSON: "enforcement:list",
    Kind.APPEAL_RECEIVED: "appeals:list",
    Kind.APPEAL_OVERDUE: "appeals:list",
    Kind.GIVEN_UP: "enforcement:failing",
    Kind.ENDPOINT_OFF: "enforcement:failing",
}


def leads() -> QuerySet[User]:
    """Those who are told: active leads who did not say that they want no mail."""
    out = OptOut.objects.filter(person=OuterRef("pk"))
    people: QuerySet[User] = User.objects.active().with_role(Role.LEAD).filter(~Exists(out)).order_by("pk")
    return people


def news_for(person: User, now: datetime) -> list[tuple[str, int]]:
    """Return what ``person`` was not told of yet, as (kind, number of its subject). At most 10 queries.

    What they were told of before, however much that is, is not read.
    """
    appeals = Appeal.objects.visible_to(person, now).filter(status=Appeal.Status.OPEN)
    waiting = EnforcementAction.objects.visible_to(person).filter(
        status=EnforcementAction.Status.PROPOSED, kind__in=sorted(SEVERE)
    )
    found: dict[str, QuerySet[Any]] = {
        Kind.SECOND_PERSON: waiting.exclude(proposed_by=person),
        Kind.APPEAL_RECEIVED: appeals,
        Kind.APPEAL_OVERDUE: appeals.filter(due_at__lt=now),
        Kind.GIVEN_UP: Message.objects.filter(
            status=Message.Status.DEAD, given_up_at__gt=now - NEWS_FOR, delivery__in=Delivery.objects.all()
        ).order_by("-given_up_at", "-pk"),
        Kind.ENDPOINT_OFF: Endpoint.objects.filter(gone_at__isnull=False),
    }
    return [(kind, number) for kind, rows in found.items() for number in _untold(rows, person, kind)]


def address_of(kind: str) -> str:
    return reverse(PLACES[Kind(kind)])


def _untold(rows: QuerySet[Any], person: User, kind: str) -> list[int]:
    if not rows.ordered:
        rows = rows.order_by("-pk")
    numbers = list(rows.values_list("pk", flat=True)[:MOST_LOOKED_AT])
    told = set(Notice.objects.filter(person=person, kind=kind, subject__in=numbers).values_list("subject", flat=True))
    return [number for number in numbers if number not in told][:MOST_AT_ONCE]
