"""The signed link by which an actor appeals without an account: made from the action's number, and dated.

It goes out with the order to carry an action out; the page behind it is of the room of appeals.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core.signing import BadSignature, SignatureExpired, TimestampSigner
from django.urls import reverse

from incidents.enforcement.models import EnforcementAction
from trust.integers import read_id

SALT: Final = "incidents.enforcement.links"
ANSWER_WITHIN: Final = timedelta(days=183)  # an appeal is due by then at the latest
NO_ACTION: Final = 0  # numbers begin at 1: what is looked up in place of what no link names


@dataclass(frozen=True)
class Opened:
    """What a link leads to. ``enforcement`` is 0 for one that is forged, spoilt or too old to read an answer by."""

    enforcement: int
    may_appeal: bool


def address_of(enforcement: EnforcementAction) -> str:
    """Return the whole address, to be handed to the actor. It is good for ``APPEAL_LINK_DAYS`` from now."""
    token = TimestampSigner(salt=SALT).sign(str(enforcement.pk))
    return settings.PUBLIC_URL + reverse("appeal:page", args=[token])


def opened(token: str) -> Opened:
    """Read a token. One that is too old to appeal by shows the answer as long as one may still be owed."""
    signer, term = TimestampSigner(salt=SALT), timedelta(days=settings.APPEAL_LINK_DAYS)
    try:
        number = _number(signer.unsign(token, max_age=term + ANSWER_WITHIN))
    except BadSignature:
        return Opened(NO_ACTION, may_appeal=False)
    try:
        signer.unsign(token, max_age=term)
    except SignatureExpired:
        return Opened(number, may_appeal=False)
    return Opened(number, may_appeal=True)


def _number(text: str) -> int:
    number = read_id(text)
    return NO_ACTION if number is None else number
