"""What happens to an actor, sorted into kinds that its timeline is narrowed by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from trust.accounts.models import User
from trust.permissions import Permission

CAME_IN: Final = "came_in"


@dataclass(frozen=True)
class Kind:
    """``events`` are beginnings of kinds of audit events; who lacks ``permission`` is not told of them."""

    label: Any
    events: tuple[str, ...]
    permission: Permission


KINDS: Final = {
    CAME_IN: Kind(_("What came in"), (), Permission.READ_ACTORS),
    "decisions": Kind(_("Decisions"), ("decision.",), Permission.READ_ACTORS),
    "strikes": Kind(_("Strikes"), ("strike.",), Permission.READ_ENFORCEMENT),
    "enforcement": Kind(_("Enforcement"), ("enforcement.",), Permission.READ_ENFORCEMENT),
    "deliveries": Kind(_("Deliveries"), ("message.",), Permission.READ_ENFORCEMENT),
    "appeals": Kind(_("Appeals"), ("appeal.",), Permission.READ_APPEALS),
    "standing": Kind(_("Standing"), ("actor.standing_changed",), Permission.READ_ACTORS),
    "use_cases": Kind(_("Use cases"), ("use_case.",), Permission.READ_USE_CASES),
    "notes": Kind(_("Notes"), ("note.",), Permission.READ_ACTORS),
    "links": Kind(_("Links"), ("actors.link_",), Permission.READ_ACTORS),
    "incidents": Kind(_("Incidents"), ("incident.",), Permission.READ_INCIDENTS),
}

TONES: Final = {
    "strike.given": "warning",
    "enforcement.proposed": "warning",
    "enforcement.approved": "danger",
    "enforcement.in_force": "danger",
    "enforcement.reversed": "success",
    "message.given_up": "danger",
    "appeal.received": "novel",
    "actor.standing_changed": "accent",
}


def open_to(person: User) -> dict[str, Kind]:
    """Return the kinds that ``person`` may be told of."""
    return {name: kind for name, kind in KINDS.items() if person.may(kind.permission)}


def events_of(person: User, chosen: str) -> list[str]:
    """Return how audit events of the ``chosen`` kind begin, those of all where none is chosen ("")."""
    kinds = open_to(person)
    return [event for name, kind in kinds.items() if chosen in ("", name) for event in kind.events]
