from __future__ import annotations

from django.utils.translation import gettext as _

from incidents.actors.models import Actor
from trust.accounts.models import User
from trust.permissions import Permission


def refusal_to_set_standing(actor: Actor, by: User | None) -> str | None:
    """Say why ``by`` (None: the system) may not move ``actor``'s standing, or return None if they may."""
    if by is not None and not by.may(Permission.PROPOSE_ENFORCEMENT):
        return _("Only reviewers and leads may change an actor's standing, by enforcement.")
    return None
