"""Why past items may not be looked at again now, as the sentence that says so."""

from typing import Final

from django.utils.translation import gettext as _

from incidents.backfill.models import Backfill
from incidents.queues.models import Queue
from policies.models import PolicyVersion
from trust import numbers
from trust.accounts.models import User
from trust.permissions import Permission
from trust.refusals import Refused

MOST: Final = 10_000


def refusal_to_look_again(version: PolicyVersion, by: User) -> str | None:
    """Say why ``by`` may not have past items judged again under ``version``, which comes with its policy."""
    if not by.may(Permission.LOOK_AGAIN):
        return _("Only leads and policy staff have past items judged again.")
    if version.status != PolicyVersion.Status.PUBLISHED:
        return _("Past items are judged again under the version in force only.")
    if version.policy.restricted_category:
        return _("What this policy is about is restricted; such items are judged one by one.")
    return None


def refusal_of_search(by: User) -> str | None:
    if not (by.may(Permission.VIEW_CONTENT) and by.may(Permission.MANAGE_QUEUES)):
        return _("Only leads find past items by a search, which reads what they say.")
    return None


def refusal_of_queue(queue: Queue, *, is_known: bool) -> str | None:
    if not is_known:
        return _("Choose a queue.")
    if queue.restricted_category:
        return _("This queue is for restricted items, which are not judged again here.")
    return None


def refusal_of_count(count: int) -> str | None:
    if count > MOST:
        return _("More than 10,000 items match. Ask for younger ones, or for fewer clauses.")
    if not count:
        return _("No past item matches.")
    return None


def refusal_to_cancel(backfill: Backfill, by: User) -> str | None:
    if not by.may(Permission.LOOK_AGAIN):
        return _("Only leads and policy staff have past items judged again.")
    if not backfill.job.is_open:
        return _("Nothing is under way that could be cancelled.")
    return None


def changed(before: int, now: int) -> Refused:
    """Return what to raise when other items match than those that were last shown."""
    if before == now:
        return Refused(
            _("As many items match as before, but not the same ones. Nothing was opened; look again and confirm."),
            code="stale",
        )
    sentence = _(
        "The count changed: it was %(before)s, and is %(now)s now. Nothing was opened; look again and confirm."
    )
    return Refused(sentence % {"before": numbers.count(before), "now": numbers.count(now)}, code="stale")


def too_slow() -> str:
    return _("Looking for them takes too long. Ask for younger items.")
