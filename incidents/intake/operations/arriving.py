"""What is known of alerts on their way in, between being read and being stored."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

import msgspec

from incidents.actors.operations import Reference, Sighting
from incidents.intake.formats.native import Actor
from incidents.intake.formats.reader import Found
from incidents.intake.operations.lines import Lines, content, moment
from incidents.intake.operations.tallying import make_of
from incidents.intake.queries import RestrictedCategories

_json = msgspec.json.encode


@dataclass
class Home:
    """The generation that an alert is about: stored already, or about to be, once it has its id."""

    content_digest: bytes
    id: int | None = None


class Arrival:
    """An alert on its way in: its place in the body, what the look-ups need, and its rows as far as they are known.

    The rows are written while the alert is at hand and the alert itself is let go: walking a thousand alerts once costs
    a third less than walking them once for each of digest, look-up and rows.
    """

    __slots__ = (
        "alert_line",
        "brings_generation",
        "content_digest",
        "content_line",
        "detector",
        "digest",
        "external_id",
        "generation_line",
        "generation_name",
        "has_other_content",
        "home",
        "index",
        "make",
        "payload",
        "restricted",
        "sighting",
    )

    home: Home

    def __init__(self, found: Found, lines: Lines, restricted: RestrictedCategories) -> None:
        self.index, alert, self.payload = found
        generation = alert.generation
        occurred_at = moment(alert.occurred_at)
        self.external_id = alert.external_id
        self.generation_name = generation.external_id
        self.content_digest: bytes | None = None
        if generation.messages is not None:
            messages = _json(generation.messages)
            self.content_digest = hashlib.sha256(messages).digest()
            self.generation_line = lines.generation(generation, occurred_at)
            self.content_line = content(generation, messages, self.content_digest)
        self.digest = alert.digest(self.content_digest)
        self.alert_line = lines.alert(alert, self.digest, occurred_at)
        self.detector = alert.detector
        self.make = make_of(alert, lines.received_at)
        self.restricted = restricted.category_of(alert)
        self.sighting = _sighting(alert.actor, alert.occurred_at) if alert.actor else None
        self.brings_generation = False
        self.has_other_content = False

    @property
    def size(self) -> int:
        """About how much memory this takes, in characters."""
        return len(self.alert_line) + (0 if self.content_digest is None else len(self.content_line))


def _sighting(actor: Actor, told_at: datetime) -> Sighting:
    parent = Reference(actor.parent.kind, actor.parent.external_id) if actor.parent else None
    return Sighting(Reference(actor.kind, actor.external_id), parent, actor.identifiers, actor.tier, told_at)
