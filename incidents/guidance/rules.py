from django.utils.translation import gettext as _

from incidents.guidance.models import Suggestion
from trust import languages
from trust.accounts.models import User
from trust.permissions import Permission


def refusal_to_ask(by: User) -> str | None:
    if not by.may(Permission.SUGGEST_GAPS):
        return _("Only a lead or a policy editor may look for gaps.")
    return None


def refusal_to_settle(suggestion: Suggestion, by: User) -> str | None:
    """Say why ``by`` may neither take nor dismiss ``suggestion``, or return None if they may."""
    if reason := refusal_to_ask(by):
        return reason
    if suggestion.status != Suggestion.Status.OFFERED:
        return _("This suggestion is already %(status)s.") % {
            "status": languages.within(suggestion.get_status_display())
        }
    return None


def refusal_to_join(joining: int) -> str | None:
    if not joining:
        return _("Reviewers have already put each of these in a gap of their own words; what they chose stands.")
    return None


def newer_search() -> str:
    return _("A newer search has taken the place of this suggestion; look at the list again.")
