from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext as _

from trust.accounts.models import User
from trust.permissions import Permission

MOST_ACTORS: Final = 1_000
LONGEST_TITLE: Final = 120
SHORTEST_REASON: Final = 20
SHORTEST_NAME: Final = 3  # of what a title is looked through for: an actor called "a" is in every title

_ADDRESS: Final = re.compile(
    r"[^\s@]+@[^\s@]+\.[^\s@]+|(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])|(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4}",
    re.IGNORECASE,
)


def refusal_to_share(by: User, *, actors: int) -> str | None:
    if not by.may(Permission.SHARE_ACTORS):
        return _("Only leads and auditors make files of actors to share.")
    if not actors:
        return _("There is no actor to share.")
    return None


def refusal_to_name(by: User, reason: str) -> str | None:
    """Say why ``by`` may not let outside ids leave, or return None if they may."""
    if not by.may(Permission.SHARE_ACTORS_BY_NAME):
        return _("Only leads let outside ids leave.")
    if len(reason.strip()) < SHORTEST_REASON:
        return _("Say in %(least)s characters or more why they need to know the ids.") % {"least": SHORTEST_REASON}
    return None


def refusal_of_title(title: str, *, names: Iterable[str], staff: Iterable[str]) -> str | None:
    """Say what in a title must not leave: an address, one of ``names`` of actors, a word of a name of ``staff``."""
    if _ADDRESS.search(title):
        return _("An e-mail or network address does not leave; take it out of the title.")
    folded = title.casefold()
    if any(len(name) >= SHORTEST_NAME and name.casefold() in folded for name in names):
        return _("The id of an actor does not leave; take it out of the title.")
    words = set(re.findall(r"\w+", folded))
    if any(len(name) >= SHORTEST_NAME and name.casefold() in words for name in staff):
        return _("Names of your colleagues do not leave; take them out of the title.")
    return None
