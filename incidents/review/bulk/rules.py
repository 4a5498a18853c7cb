from typing import Final

from django.utils.translation import gettext as _

from incidents.review.models import Bulk
from trust import numbers
from trust.accounts.models import User
from trust.permissions import Permission
from trust.refusals import Refused

MOST: Final = 10_000


def refusal_to_handle(by: User) -> str | None:
    if not by.may(Permission.MANAGE_QUEUES):
        return _("Only leads handle many items at once.")
    return None


def refusal_of_count(count: int) -> str | None:
    if count > MOST:
        return _("More than 10,000 items match. Narrow the list first.")
    if not count:
        return _("Nothing matches any more.")
    return None


def refusal_to_start(bulk: Bulk, by: User) -> str | None:
    if sentence := refusal_to_handle(by):
        return sentence
    if bulk.made_by_id != by.pk:
        return _("%(person)s selected these items; select them yourself to do something with them.") % {
            "person": bulk.made_by
        }
    if bulk.job_id is not None:
        return _("This was started already.")
    return None


def refusal_to_cancel(bulk: Bulk, by: User) -> str | None:
    if sentence := refusal_to_handle(by):
        return sentence
    if not any(job is not None and job.is_open for job in (bulk.job, bulk.undoing)):
        return _("Nothing is under way that could be cancelled.")
    return None


def refusal_to_undo(bulk: Bulk, by: User) -> str | None:
    """Say why ``by`` may not take back what was done; whether anything was done is asked apart."""
    if sentence := refusal_to_handle(by):
        return sentence
    if bulk.job is None:
        return _("Nothing was done yet.")
    if bulk.job.is_open or (bulk.undoing is not None and bulk.undoing.is_open):
        return _("This is still under way; wait for it, or cancel it.")
    if bulk.action == Bulk.Action.RELEASE:
        return _("What was released is free for everyone; it is not given back to who had it.")
    return None


def nothing_to_undo() -> str:
    return _("Everything that can be taken back was taken back.")


def unreadable() -> str:
    return _("The list that this was selected from has changed; select the items again.")


def changed(before: int, now: int) -> Refused:
    """Return what to raise when the query finds other items than it did when it was last shown."""
    if now > MOST:
        sentence = _("By now more than 10,000 items match. Nothing was done; narrow the list first.")
    elif before == now:
        sentence = _("As many items match as before, but not the same ones. Nothing was done; look again and confirm.")
    else:
        sentence = _(
            "The count changed: it was %(before)s, and is %(now)s now. Nothing was done; look again and confirm."
        )
    names = {"before": numbers.count(before), "now": numbers.count(now)}
    return Refused(sentence % names, code="stale")
