"""What became of a report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from incidents.intake.models import Alert
from incidents.queues.models import Item, Queue, Round
from incidents.reports import naming
from trust.accounts.models import User


@dataclass(frozen=True)
class Became:
    """A report of one's own; queue and item only as far as the person may see them."""

    alert: Alert
    is_routed: bool
    is_restricted: bool
    queue: Queue | None
    item: Item | None


def what_became_of(form: UUID, *, by: User, now: datetime) -> Became | None:
    """Return what became of the report that ``by`` sent with this form, or None. At most 6 queries."""
    alert = (
        Alert.objects.filter(
            source__slug=naming.SOURCE,
            external_id=naming.external_id_of(form),
            metadata__reported_by=by.pseudonym,
        )
        .select_related("generation__restriction")
        .first()
    )
    if alert is None:
        return None
    item = Item.objects.filter(generation=alert.generation_id).first()
    is_restricted = hasattr(alert.generation, "restriction")
    round = Round.objects.filter(item=item).order_by("-pk").first() if item else None
    queue = Queue.objects.visible_to(by, now).filter(pk=round.queue_id).first() if round else None
    seen = Item.objects.visible_to(by, now).filter(pk=item.pk).first() if item else None
    return Became(alert, item is not None, is_restricted, queue, seen)
