"""Who may change an incident, and from which state to which."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.utils.translation import gettext as _

from incidents.response.models import Incident
from policies.vocabulary import Severity
from trust import languages
from trust.accounts.models import User
from trust.permissions import Permission

Status = Incident.Status

ALLOWED: Final[dict[str, frozenset[str]]] = {
    Status.OPEN: frozenset({Status.CONTAINED}),
    Status.CONTAINED: frozenset({Status.RESOLVED, Status.OPEN}),
    Status.RESOLVED: frozenset({Status.OPEN}),
}

MOST_AT_ONCE: Final = 500  # links made by one operation
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LONGEST_TITLE: Final = 200
LONGEST_TEXT: Final = 10_000


@dataclass(frozen=True)
class Description:
    """What can be edited about an incident. A time that its status does not have yet is None."""

    title: str
    summary: str
    severity: int
    is_anticipated: bool
    started_at: datetime | None
    detected_at: datetime
    contained_at: datetime | None
    resolved_at: datetime | None


def refusal_to_create(title: str, severity: int, by: User) -> str | None:
    if not by.may(Permission.EDIT_INCIDENTS):
        return _("Your role does not open incidents.")
    return _refusal_of_words(title, "", severity)


def refusal_to_edit(incident: Incident, by: User) -> str | None:
    """Reviewers may change the incidents that they work on, leads and policy staff all. One query."""
    if not by.may(Permission.EDIT_INCIDENTS):
        return _("Your role does not change incidents.")
    if not Incident.objects.visible_to(by).filter(pk=incident.pk).exists():
        return _("You may change only incidents that you opened, own or judged items of.")
    return None


def refusal_to_describe(incident: Incident, description: Description, now: datetime, by: User) -> str | None:
    if reason := refusal_to_edit(incident, by):
        return reason
    if reason := _refusal_of_words(description.title, description.summary, description.severity):
        return reason
    return _refusal_of_times(incident.status, description, now)


def refusal_to_move(incident: Incident, to: str, reason: str, by: User) -> str | None:
    """``to`` is the status wanted; ``reason`` says what makes it true."""
    if refusal := refusal_to_edit(incident, by):
        return refusal
    if to not in ALLOWED[incident.status]:
        return _refusal_of_step(incident, to)
    return refusal_of_reason(reason)


def refusal_of_reason(reason: str) -> str | None:
    if not reason.strip():
        return _("Say in a sentence why.")
    if len(reason) > LONGEST_TEXT or "\0" in reason:
        return _("The reason must have at most %(most)s characters.") % {"most": LONGEST_TEXT}
    return None


def refusal_to_reassign(incident: Incident, owner: User, by: User) -> str | None:
    if reason := refusal_to_edit(incident, by):
        return reason
    if not owner.may(Permission.EDIT_INCIDENTS):
        return _("%(person)s may not own an incident; name someone whose role changes incidents.") % {"person": owner}
    if incident.owner_id == owner.pk:
        return _("%(person)s owns this incident already.") % {"person": owner}
    return None


def refusal_to_link(wanted: int, found: int) -> str | None:
    """Compare how many objects were asked for with how many of them ``by`` may see."""
    if wanted == 0:
        return _("Name at least one.")
    if wanted > MOST_AT_ONCE:
        return _("Add at most %(most)s at once.") % {"most": MOST_AT_ONCE}
    if found < wanted:
        return _("Some of these do not exist, or you may not open them; nothing was added.")
    return None


def _refusal_of_words(title: str, summary: str, severity: int) -> str | None:
    if not title.strip() or len(title) > LONGEST_TITLE or not title.isprintable():
        return _("The title must have 1 to %(most)s printable characters.") % {"most": LONGEST_TITLE}
    if len(summary) > LONGEST_TEXT or "\0" in summary:
        return _("The summary must have at most %(most)s characters.") % {"most": LONGEST_TEXT}
    if severity not in Severity.values:
        return _("The severity must be from 0 to 4.")
    return None


def _refusal_of_step(incident: Incident, to: str) -> str:
    if incident.status == to:
        return _("This incident is %(status)s already.") % {"status": languages.within(incident.get_status_display())}
    if to == Status.RESOLVED:
        return _("Mark the incident contained first: what is still going on cannot be resolved.")
    return _("A resolved incident can only be opened again.")


def _refusal_of_times(status: str, times: Description, now: datetime) -> str | None:
    has_contained, has_resolved = times.contained_at is not None, times.resolved_at is not None
    if has_contained != (status != Status.OPEN) or has_resolved != (status == Status.RESOLVED):
        return _("Contained and resolved have a time exactly when the incident has reached them.")
    in_order = [
        moment
        for moment in (times.started_at, times.detected_at, times.contained_at, times.resolved_at)
        if moment is not None
    ]
    if in_order != sorted(in_order):
        return _("The times must be in order: started, detected, contained, resolved.")
    if in_order[0] < EARLIEST:
        return _("A time may not lie before the year 2000.")
    if in_order[-1] > now:
        return _("A time may not lie in the future.")
    return None
