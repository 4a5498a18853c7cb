"""The native alert: its shape and the limits of each field. docs/formats.md says the same for people.

These types are the one home of what is right: ``reading.decode`` holds a record against them at full speed, and
``explain`` walks them to name everything that is wrong with a record that did not pass.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from django.utils.translation import gettext_lazy
from msgspec import Meta

from trust.integers import BIGGEST_INTEGER

# Checked beside the decoder (``Alert.names``): a pattern in the types would cost five times what decoding costs.
CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def _text(least: int, most: int) -> Meta:
    sentence = gettext_lazy("Must be text of %(least)s to %(most)s characters without control characters.")
    extra = {"sentence": sentence, "values": {"least": least, "most": most}, "refused": CONTROL}
    return Meta(min_length=least, max_length=most, extra=extra)


def _long_text(most: int) -> Meta:
    extra = {"sentence": gettext_lazy("Must be text of at most %(most)s characters."), "values": {"most": most}}
    return Meta(max_length=most, extra=extra)


def _said(sentence: Any) -> dict[str, Any]:
    return {"sentence": sentence, "values": {}}


_BIG: Final = 1_000_000_000
_ALL: Final = 1.0
Id = Annotated[str, _text(1, 200)]
Name = Annotated[str, _text(0, 200)]
Category = Annotated[str, _text(1, 120)]
Score = (
    bool | Annotated[float, Meta(ge=-_BIG, le=_BIG, extra=_said(gettext_lazy("Must be a number, or true or false.")))]
)
Offset = Annotated[int, Meta(ge=0, le=BIGGEST_INTEGER, extra=_said(gettext_lazy("Must be a whole number from 0.")))]
Rate = Annotated[float, Meta(gt=0, le=1, extra=_said(gettext_lazy("Must be a number above 0 and at most 1.")))]
Moment = Annotated[
    datetime, Meta(tz=True, extra=_said(gettext_lazy("Must be a time with its zone, such as 2026-11-01T10:00:00Z.")))
]
_WHOLE: Final = gettext_lazy("Must be a whole number from 0.")
_HEX: Final = gettext_lazy("Must be a SHA-256 in 64 digits of small hex.")
Sha256 = Annotated[str, Meta(min_length=64, max_length=64, pattern="^[0-9a-f]{64}$", extra=_said(_HEX))]
_ADDRESS: Final = {
    "sentence": gettext_lazy("Must be at most 2000 characters without control characters, and no data: URL."),
    "values": {},
    "refused": CONTROL,
}
_TIER: Final = {
    "sentence": gettext_lazy(
        "Must be at most 40 letters, digits, inner spaces or . _ + / -, beginning with a letter or digit."
    ),
    "values": {},
    "refused": CONTROL,
}
Tier = Annotated[str, Meta(max_length=40, pattern=r"^([^\W_]([\w .+/-]*[\w.+/-])?)?$", extra=_TIER)]
ActorKind = Literal["account", "user", "api_key", "organisation"]


class Shape(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, frozen=True, gc=False):
    """Fields that are not named here are errors; a field at its default leaves no trace in the digest."""


class Attachment(Shape, frozen=True):
    """What a message carried beside its text: a reference. Nothing of it is kept here, and nothing is fetched."""

    kind: Literal["image", "audio", "video", "file"]
    media_type: Annotated[str, _text(0, 100)] = ""
    sha256: Sha256 | None = None
    size: Annotated[int, Meta(ge=0, le=2**53, extra=_said(_WHOLE))] | None = None
    name: Annotated[str, _text(0, 200)] = ""
    address: Annotated[str, Meta(max_length=2_000, pattern="^(?! *[dD][aA][tT][aA]:)", extra=_ADDRESS)] = ""

    def names(self) -> list[str]:
        return [self.media_type, self.name, self.address]


class Message(Shape, frozen=True):
    role: Annotated[str, _text(1, 40)]
    content: str
    attachments: Annotated[list[Attachment], Meta(max_length=100)] = []


class Generation(Shape, frozen=True):
    external_id: Id | None = None
    messages: Annotated[list[Message], Meta(min_length=1, max_length=500)] | None = None
    model: Name = ""
    deployment: Name = ""
    stage: Literal["research", "pre_deployment", "private_beta", "pilot", "limited", "general_availability"] | None = (
        None
    )
    use_case: Name = ""
    language: Annotated[str, _text(0, 35)] = ""
    parameters: dict[str, Any] = {}


class Parent(Shape, frozen=True):
    kind: ActorKind
    external_id: Id


class Actor(Shape, frozen=True):
    kind: ActorKind
    external_id: Id
    identifiers: Annotated[dict[Annotated[str, _text(1, 40)], Annotated[str, _text(1, 500)]], Meta(max_length=50)] = {}
    parent: Parent | None = None
    tier: Tier = ""

    def reference(self) -> Parent:
        """Return what another actor would name as its parent to mean this one."""
        return Parent(kind=self.kind, external_id=self.external_id)


class Detector(Shape, frozen=True):
    name: Id
    version: Name = ""


class Taxonomy(Shape, frozen=True):
    name: Annotated[str, _text(1, 60)]
    version: Annotated[str, _text(0, 60)] = ""


class Span(Shape, frozen=True):
    """Code points ``start`` to ``end`` of message number ``message``, counted from 0."""

    message: Offset
    start: Offset
    end: Offset
    category: Annotated[str, _text(0, 120)] = ""
    score: Score | None = None


class Alert(Shape, frozen=True):
    external_id: Id
    occurred_at: Moment
    kind: Literal["detector", "user_report", "partner_report", "staff", "random_sample"]
    generation: Generation
    actor: Actor | None = None
    detector: Detector | None = None
    taxonomy: Taxonomy | None = None
    flagged: Annotated[list[Category], Meta(max_length=200)] = []
    labels: Annotated[dict[Category, bool], Meta(max_length=200)] = {}
    scores: Annotated[dict[Category, Score], Meta(max_length=1000)] = {}
    score_kind: Literal["probability", "severity", "boolean"] | None = None
    thresholds: Annotated[dict[Category, Score], Meta(max_length=1000)] = {}
    spans: Annotated[list[Span], Meta(max_length=1000)] = []
    comment: Annotated[str, _long_text(20_000)] = ""
    sampling_rate: Rate = _ALL
    metadata: dict[str, Any] = {}

    def names(self) -> str:
        """Return all that must be free of control characters, in one string."""
        generation, actor, detector, taxonomy = self.generation, self.actor, self.detector, self.taxonomy
        parts = [self.external_id, generation.external_id or "", generation.model, generation.deployment]
        parts += [generation.use_case, generation.language, *self.flagged, *self.labels, *self.scores, *self.thresholds]
        if generation.messages:
            parts += [message.role for message in generation.messages]
            for message in generation.messages:
                if message.attachments:
                    parts += [name for attachment in message.attachments for name in attachment.names()]
        if self.spans:
            parts += [span.category for span in self.spans]
        if actor:
            parts += [actor.external_id, actor.tier, *actor.identifiers, *actor.identifiers.values()]
            parts += [actor.parent.external_id] if actor.parent else []
        if detector:
            parts += [detector.name, detector.version]
        if taxonomy:
            parts += [taxonomy.name, taxonomy.version]
        return "".join(parts)

    def digest(self, content: bytes | None) -> bytes:
        """Return SHA-256 of the alert as it was meant: spacing, order of keys and spelled-out defaults do not count.

        ``content`` is the digest of its messages and stands for them, since they are long and were read for it already.
        """
        rate = _ALL if self.sampling_rate == _ALL else self.sampling_rate  # the encoder leaves out what *is* a default
        rest = msgspec.structs.replace(self.generation, messages=None)
        meant = _canonical(msgspec.structs.replace(self, generation=rest, sampling_rate=rate))
        return hashlib.sha256(meant + (content or b"")).digest()

    def positive(self) -> Iterator[str]:
        """Walk the categories that were flagged or labelled as present."""
        yield from self.flagged
        yield from (category for category, present in self.labels.items() if present)


_canonical = msgspec.json.Encoder(order="deterministic").encode
