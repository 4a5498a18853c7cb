from typing import Final

from django.utils.translation import gettext as _

from trust.accounts.models import User
from trust.permissions import Permission

LONGEST_EVIDENCE: Final = 1_000
MOST_AT_ONCE: Final = 50


def refusal_to_say(by: User, *, is_same: bool, evidence: str) -> str | None:
    if not by.may(Permission.REVIEW):
        return _("Only reviewers and leads say which actors are linked.")
    if is_same:
        return _("An actor is not linked to itself; give the number of another.")
    if not evidence.strip():
        return _("Say what it rests on.")
    return None


def refusal_to_act(actors: int) -> str | None:
    if not actors:
        return _("Choose at least one actor.")
    if actors > MOST_AT_ONCE:
        return _("Choose %(most)s actors at most; the others in a second go.") % {"most": MOST_AT_ONCE}
    return None
