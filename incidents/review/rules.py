from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from incidents.intake.models import Alert
from incidents.queues.models import Round
from incidents.queues.rules import is_free_for, lease_lost
from incidents.review.models import Decision, DetectorWrong, Draft, GroupDecision
from policies.vocabulary import Verdict
from trust.accounts.models import User
from trust.permissions import Permission

FEWEST_ALIKE: Final = 2  # one of them stays open as a check


def refusal_to_review(by: User) -> str | None:
    if not by.may(Permission.REVIEW):
        return _("Only reviewers and leads decide.")
    return None


def refusal_as_decided(round: Round, by: User) -> str | None:
    """Say who closed the round, if it is closed."""
    if round.status == Round.Status.OPEN:
        return None
    if round.closed_by_id == by.pk:
        return _("You have decided this already.")
    return _("%(person)s has decided this already.") % {"person": round.closed_by}


def refusal_as_lost(round: Round, by: User, *, fence: int, now: datetime, is_open: bool) -> str | None:
    """Say that ``by`` does not hold the round under ``fence`` any more, or may not know of its item now (is_open)."""
    is_held = is_open and round.lease_by_id == by.pk and round.lease_until is not None and round.lease_until > now
    return None if is_held and round.fence == fence else lease_lost()


def may_be_theirs_again(round: Round, draft: Draft | None, by: User) -> bool:
    """Say whether ``by`` may take ``round`` again: they held it, as ``draft``, what they typed there, tells."""
    return draft is not None and draft.was_held and is_free_for(round, by)


def refusal_to_note_wrong(alert: Alert | None, kind: str) -> str | None:
    """``alert`` is None when the item that is decided has none of that number."""
    if alert is None:
        return _("The item has no such alert.")
    if alert.detector_version_id is None:
        return _("No detector raised this.")
    if kind not in DetectorWrong.Kind.values:
        return _("There is no such way to be wrong.")
    return None


def refusal_to_undo(decision: Decision, by: User, *, is_retracted: bool, is_in_use: bool) -> str | None:
    if not by.may(Permission.REVIEW):
        return _("Only reviewers and leads decide.")
    if decision.by_id != by.pk and not by.may(Permission.MANAGE_QUEUES):
        return _("You can take back only your own decisions.")
    if is_retracted:
        return _("This decision was taken back already.")
    if is_in_use:
        return _("Approved enforcement or an appeal rests on this decision; reverse the enforcement instead.")
    return None


def refusal_to_decide_group(decision: Decision, by: User, *, is_grouped: bool, is_retracted: bool) -> str | None:
    """Say why ``by`` may not apply ``decision`` to the other items of its item's group."""
    if not by.may(Permission.REVIEW):
        return _("Only reviewers and leads decide.")
    if decision.by_id != by.pk:
        return _("You can apply only your own decisions to others like it.")
    if is_retracted:
        return _("This decision was taken back already.")
    if decision.verdict == Verdict.CANNOT_JUDGE:
        return _("What could not be judged says nothing about others like it.")
    if not is_grouped:
        return _("Nothing else is like this item.")
    return None


def too_few_alike() -> str:
    return _("Fewer than two others like it wait and are free; judge them one by one.")


def refusal_to_split_group(whole: GroupDecision, by: User, *, standing: int) -> str | None:
    """``standing`` says how many of its decisions were not taken back yet."""
    if not by.may(Permission.REVIEW):
        return _("Only reviewers and leads decide.")
    if whole.by_id != by.pk and not by.may(Permission.MANAGE_QUEUES):
        return _("You can take back only your own decisions.")
    if not standing:
        return _("All of these decisions were taken back already.")
    return None


def guidelines_changed() -> str:
    return _("The guidelines have just changed. Look at what they say now, and decide again.")
