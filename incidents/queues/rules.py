from collections.abc import Sequence

from django.utils.translation import gettext as _

from incidents.queues.models import Queue, Round
from trust.accounts.models import User
from trust.permissions import Permission


def refusal_to_claim(queue: Queue, by: User, *, is_cleared: bool) -> str | None:
    """``is_cleared`` says whether ``by`` holds a clearance in force for a restricted queue's category."""
    if not by.may(Permission.REVIEW):
        return _("Only reviewers and leads take items to review.")
    if queue.restricted_category and not is_cleared:
        return _("This queue is open only to people with a clearance for %(category)s.") % {
            "category": queue.get_restricted_category_display()
        }
    return None


def refusal_to_release(round: Round, by: User) -> str | None:
    if round.status != Round.Status.OPEN or round.lease_by_id is None:
        return _("Nobody holds this item.")
    if round.lease_by_id != by.pk and not by.may(Permission.MANAGE_QUEUES):
        return _("%(person)s holds this item; ask them to release it, or a lead.") % {"person": round.lease_by}
    return None


def lease_lost() -> str:
    return _("Your hold on this item has ended. What you typed is still here; take the item again to send it.")


def refusal_to_ask_second_opinion(rounds: Sequence[Round], by: User) -> str | None:
    """``rounds`` are all of the item's."""
    if not by.may(Permission.REVIEW):
        return _("Only reviewers and leads may ask for a second opinion.")
    if not rounds or any(round.status == Round.Status.OPEN for round in rounds):
        return _("This item still waits for a judgement; a second opinion comes after it.")
    return None
