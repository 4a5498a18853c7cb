"""The name under which an actor may appear outside. Members of staff have theirs in ``trust.accounts``."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Final

from django.conf import settings

if TYPE_CHECKING:
    from incidents.actors.models import Actor

LENGTH: Final = 16  # hexadecimal digits, 64 bits: two of a million actors share one with a chance of 1 in 37 million


def pseudonym_of(actor: Actor) -> str:
    """Return "actor-" and 16 digits: always the same for an actor, and worth nothing without ``IDENTIFIER_KEY``.

    Letters keep their case, unlike in the digests of identifiers: outside ids differ by it.
    """
    text = "\0".join(["actor pseudonym", actor.namespace, actor.kind, actor.external_id])
    digest = hmac.digest(settings.IDENTIFIER_KEY.encode(), text.encode(), "sha256").hex()
    return f"actor-{digest[:LENGTH]}"
