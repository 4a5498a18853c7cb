"""What is known of alerts on their way in, between being read and being stored."""

from __future__ import annotations

from dataclasses import dataclass

from incidents.actors.operations import Reference
from incidents.intake.formats.native import Alert


@dataclass
class Home:
    """The generation that an alert is about: stored already, or about to be, once it has its id.

    ``messages`` is their JSON, for one that is about to be stored.
    """

    content_digest: bytes
    id: int | None = None
    messages: bytes = b""


class Arrival:
    """An alert on its way in: its place in the body, and what was found out about it."""

    __slots__ = ("actor", "alert", "brings_generation", "digest", "has_other_content", "home", "index", "occurred_at")

    home: Home

    def __init__(self, index: int, alert: Alert) -> None:
        self.index = index
        self.alert = alert
        self.digest = alert.digest()
        self.occurred_at = str(alert.occurred_at)
        self.actor = Reference(alert.actor.kind, alert.actor.external_id) if alert.actor else None
        self.brings_generation = False
        self.has_other_content = False
