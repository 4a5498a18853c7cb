"""Why something about a draft's impact may not be done now, as the sentence that says so."""

from typing import Final

from django.utils.translation import gettext as _

from policies.models import PolicyVersion
from trust.accounts.models import User
from trust.permissions import Permission

LEAST_DRAWN: Final = 10
MOST_DRAWN: Final = 400


def refusal_to_prepare(version: PolicyVersion, by: User) -> str | None:
    """Say why ``by`` neither marks clauses nor draws a sample for ``version``."""
    if not by.may(Permission.DRAFT_POLICY):
        return _("Only policy editors say what a draft changes.")
    if version.status not in {PolicyVersion.Status.DRAFT, PolicyVersion.Status.IN_REVIEW}:
        return _("This version is published; what it would change is asked before.")
    return None


def refusal_to_mark(is_changed: bool, is_removed: bool, has_successor: bool) -> str | None:
    if not is_changed:
        return _("This version does not change that clause.")
    if has_successor and not is_removed:
        return _("Only a clause that is taken out has a successor.")
    return None


def refusal_to_judge_again(by: User, *, is_own: bool, is_over: bool, is_answered: bool) -> str | None:
    if not by.may(Permission.REVIEW):
        return _("Only reviewers and leads judge items again.")
    if is_own:
        return _("You made this decision; somebody else judges it again.")
    if is_over:
        return _("The draft says something else by now; this sample is over.")
    if is_answered:
        return answered_already()
    return None


def answered_already() -> str:
    return _("Somebody else has just judged this item again.")


def nothing_to_draw() -> str:
    return _("No past decision that may be shown cites a clause whose meaning changes: nothing can be judged again.")
