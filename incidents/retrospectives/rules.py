"""Who may write and sign a retrospective, and when."""

from datetime import date
from typing import Final

from django.utils.translation import gettext as _

from incidents.response.models import Incident
from incidents.retrospectives.models import ActionItem, Retrospective, Section
from trust.accounts.models import User
from trust.permissions import Permission

SIGNATURES: Final = 2
LONGEST_TEXT: Final = 20_000
LONGEST_ACTION: Final = 500


def refusal_to_start(incident: Incident, by: User) -> str | None:
    if not by.may(Permission.EDIT_INCIDENTS) or not _sees(incident.pk, by):
        return _("You may write retrospectives only of incidents that you may change.")
    if Retrospective.objects.filter(incident=incident).exists():
        return _("This incident has a retrospective already.")
    return None


def refusal_to_write(retrospective: Retrospective, by: User) -> str | None:
    if not by.may(Permission.EDIT_INCIDENTS) or not _sees(retrospective.incident_id, by):
        return _("You may write retrospectives only of incidents that you may change.")
    if retrospective.is_signed():
        return _("Two people have signed this; it does not change any more.")
    return None


def refusal_of_section(section: Section, version: int, text: str) -> str | None:
    """``version`` is the one that the writer started from."""
    if section.version != version:
        return _("Someone else changed “%(section)s” while you wrote. What you typed is below, beside theirs.") % {
            "section": section.get_key_display()
        }
    if len(text) > LONGEST_TEXT or "\0" in text:
        return _("A section may have at most %(most)s characters.") % {"most": LONGEST_TEXT}
    return None


def refusal_of_action_item(text: str, owner: User, check_back_on: date, today: date) -> str | None:
    if not text.strip() or len(text) > LONGEST_ACTION or not text.isprintable():
        return _("Say in 1 to %(most)s printable characters what is to be done.") % {"most": LONGEST_ACTION}
    if not owner.is_active:
        return _("%(person)s is no longer active; name someone else.") % {"person": owner}
    if check_back_on < today:
        return _("The day to check back may not lie in the past.")
    return None


def refusal_to_finish(item: ActionItem, by: User) -> str | None:
    """Action items get done after sign-off too; their owner may always say so."""
    may_change = by.may(Permission.EDIT_INCIDENTS) and _sees(item.retrospective.incident_id, by)
    if item.owner_id != by.pk and not may_change:
        return _("Only %(owner)s, or someone who may change the incident, may mark this done.") % {"owner": item.owner}
    if item.done_at is not None:
        return _("This is done already.")
    return None


def refusal_to_sign(retrospective: Retrospective, version: int, by: User) -> str | None:
    """``version`` is the one that ``by`` has read. At most 4 queries."""
    if not by.may(Permission.SIGN_OFF_RETROSPECTIVES) or not _sees(retrospective.incident_id, by):
        return _("Only a lead or a policy approver may sign a retrospective.")
    if retrospective.is_signed():
        return _("Two people have signed this already.")
    if retrospective.version != version:
        return _("This changed after you opened it. Read it again, then sign.")
    if retrospective.incident.status == Incident.Status.OPEN:
        return _("The incident is still open; mark it contained first.")
    if reason := refusal_of_empty_sections(retrospective):
        return reason
    if retrospective.sign_offs.filter(version=version, by=by).exists():
        return _("You have signed this version; someone else must sign it too.")
    return None


def refusal_of_empty_sections(retrospective: Retrospective) -> str | None:
    """Name the first section that nobody has written, in the order of the document. One query."""
    written = {section.key for section in retrospective.sections.all() if section.text.strip()}
    for key in Section.Key:
        if key not in written:
            return _("“%(section)s” is empty; write it before anyone signs.") % {"section": key.label}
    return None


def _sees(incident_id: int, person: User) -> bool:
    return Incident.objects.visible_to(person).filter(pk=incident_id).exists()
