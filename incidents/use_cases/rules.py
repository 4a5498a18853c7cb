"""Who may ask for a use case, decide about one, and say whether something fits it; and what must be said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from incidents.intake.models import Stage
from incidents.use_cases.models import Application
from trust.accounts.models import User
from trust.audit import context
from trust.permissions import Permission

LONGEST_NAME: Final = 200
LONGEST_DESCRIPTION: Final = 5000
LONGEST_REASON: Final = 2000
LONGEST_CONTACT: Final = 300
MOST_VOLUME: Final = 10**12
LONGEST_APPROVAL: Final = timedelta(days=3660)  # ten years

Status = Application.Status
State = Application.State


@dataclass(frozen=True)
class Wish:
    """What is asked for. ``idempotency_key`` and ``digest`` come from the API."""

    name: str
    description: str
    expected_volume: int
    stage: str
    contact: str = ""
    idempotency_key: str | None = None
    digest: str = ""


# ── Asking ───────────────────────────────────────────────


def refusal_to_apply(by: User) -> str | None:
    if not by.may(Permission.ENTER_USE_CASES):
        return _("Only reviewers and leads enter what actors apply for.")
    return None


def refusal_of_another(waiting: Application | None) -> str | None:
    if waiting is not None:
        return _("Application %(number)s for this use case waits for review already.") % {"number": waiting.pk}
    return None


def errors_in(wish: Wish) -> dict[str, list[str]]:
    """Return what does not fit, as sentences by the name of the field."""
    problems = {
        "name": _problem_of_line(wish.name, LONGEST_NAME, is_needed=True),
        "description": problem_of_text(wish.description, LONGEST_DESCRIPTION, is_needed=True),
        "expected_volume": _problem_of_volume(wish.expected_volume),
        "stage": None if wish.stage in Stage.values else _("Choose one."),
        "contact": _problem_of_line(wish.contact, LONGEST_CONTACT, is_needed=False),
    }
    return {name: [problem] for name, problem in problems.items() if problem}


def problem_of_text(text: str, most: int, *, is_needed: bool) -> str | None:
    if not text.strip():
        return _("This is needed.") if is_needed else None
    if len(text) > most:
        return _("Longer than %(most)s characters.") % {"most": most}
    return _("Holds a NUL character.") if "\0" in text else None


def _problem_of_line(text: str, most: int, *, is_needed: bool) -> str | None:
    if any(ord(sign) < 32 or ord(sign) == 127 for sign in text):
        return _("Must be one line without control characters.")
    return problem_of_text(text, most, is_needed=is_needed)


def _problem_of_volume(volume: int) -> str | None:
    if 1 <= volume <= MOST_VOLUME:
        return None
    return _("Give a whole number from 1 to %(most)s.") % {"most": MOST_VOLUME}


# ── Deciding ─────────────────────────────────────────────


def refusal_to_approve(application: Application, by: User) -> str | None:
    """Say why ``by`` may not approve ``application``, or return None if they may. An API key counts as its owner."""
    if refusal := _refusal_to_decide(by):
        return refusal
    if application.entered_by_id == by.pk:
        return _("Someone other than who entered it must approve this.")
    return _refusal_of_status(application)


def refusal_to_decline(application: Application, by: User) -> str | None:
    return _refusal_to_decide(by) or _refusal_of_status(application)


def refusal_to_withdraw(application: Application, by: User, now: datetime) -> str | None:
    if refusal := _refusal_to_decide(by):
        return refusal
    state = application.state_at(now)
    if state == State.IN_FORCE:
        return None
    if state == State.APPLIED:
        return _("It was not approved yet: decline it instead.")
    return _("It is not in force any more.")


def errors_in_approval(conditions: str, expires_on: date | None, now: datetime) -> dict[str, list[str]]:
    """Return what does not fit, as sentences by the name of the field. ``expires_on`` is the last day, in UTC."""
    errors = {}
    if problem := problem_of_text(conditions, LONGEST_DESCRIPTION, is_needed=False):
        errors["conditions"] = [problem]
    today = now.astimezone(UTC).date()
    if expires_on is not None and not today <= expires_on <= today + LONGEST_APPROVAL:
        errors["expires_on"] = [_("Give a day from today on, at most ten years ahead.")]
    return errors


def refusal_of_reason(reason: str) -> str | None:
    if not reason.strip():
        return _("Give your reason: it is kept with the use case.")
    return problem_of_text(reason, LONGEST_REASON, is_needed=True)


def _refusal_to_decide(by: User) -> str | None:
    if context.via_key():
        return _("Use cases are decided by a person, never by an API key.")
    if not by.may(Permission.APPROVE_USE_CASES):
        return _("Only a lead decides about use cases.")
    return None


def _refusal_of_status(application: Application) -> str | None:
    if application.status != Status.APPLIED:
        return _("This was decided already.")
    return None


# ── Fitting ──────────────────────────────────────────────


def refusal_to_say(application: Application | None, by: User, *, may_see: bool) -> str | None:
    """``application`` is what the item's generation declares, if that was in force when it happened."""
    if context.via_key():
        return _("Whether it fits is said by a person, never by an API key.")
    if not by.may(Permission.REVIEW):
        return _("Only reviewers and leads say whether something fits a use case.")
    if not may_see:
        return _("Only who may see the item says whether it fits.")
    if application is None:
        return _("It declares no use case that was approved when it happened.")
    return None
