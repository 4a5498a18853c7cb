"""OpenAI's safety webhooks: the provider acted, or warns, about one of our accounts or our organisation.

openai-python 3.54.0, ``types/webhooks/safety_*``; signed as Standard Webhooks. An event brings no text: its own lines
are the one message, so that a person can read what the provider said.
"""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import standardwebhooks
from django.utils.translation import gettext as _, gettext_lazy
from standardwebhooks.webhooks import EmptyWebhookSecretError, WebhookVerificationError

from incidents.intake.formats import converting, envelope
from incidents.intake.formats.converting import Format, Given, NotOfFormat
from incidents.intake.formats.envelope import Answer, Envelope, Judgement
from incidents.intake.formats.native import Actor, Detector, Generation, Id, Message, Taxonomy
from incidents.intake.formats.openai_exchange import Seconds

FAMILIES: Final = ("safety.", "safety_identifier.")


class Data(Answer, frozen=True):
    id: str | None = None  # of the alert or case, to be asked for at the provider
    safety_category: str | None = None
    safety_identifier: str | None = None
    model: str | None = None
    project_id: str | None = None
    request_id: str | None = None

    def said(self) -> dict[str, str]:
        return {name: value for name in self.__struct_fields__ if (value := getattr(self, name))}


class Event(Answer, frozen=True):
    id: Id
    type: str
    created_at: Seconds
    data: Data


class _Kind(Answer, frozen=True):
    type: str


class NotSigned(ValueError):  # noqa: N818  what is said about a request
    """The sentence that says why a request may not be believed."""


def verify(body: bytes, headers: Mapping[str, str], secret: str) -> None:
    """Check the signature of a request and that it is at most five minutes old. Raises NotSigned."""
    try:
        standardwebhooks.Webhook(secret).verify(body, dict(headers), json_parse=False)
    except EmptyWebhookSecretError as error:
        raise NotSigned(_("There is no secret to check the signature with.")) from error
    except (WebhookVerificationError, binascii.Error, ValueError, TypeError) as error:
        raise NotSigned(_("The signature does not fit: %(reason)s") % {"reason": error}) from error


def may_be_about_safety(body: bytes) -> bool:
    """Say whether an event is about safety, whatever else it holds; what says no type might be."""
    try:
        return converting.read(body, _Kind).type.startswith(FAMILIES)
    except NotOfFormat:
        return True


def _convert(record: bytes, _given: Given) -> list[dict[str, Any]]:
    event = converting.read(record, Event)
    if not event.type.startswith(FAMILIES):
        raise NotOfFormat({"type": [_("Not an event about safety.")]}, event.id)
    category, said = event.data.safety_category, event.data.said()
    judgement = Judgement(
        taxonomy=Taxonomy(name="openai-safety"),
        detector=Detector(name="openai-safety"),
        flagged=[category] if category else [],
        labels={category: True} if category else {},
        metadata={"event": event.type, "data": said},
    )
    return [envelope.alert(_enveloped(event, said), judgement)]


def _enveloped(event: Event, said: Mapping[str, str]) -> Envelope[None]:
    identifier = event.data.safety_identifier
    lines = [event.type, *(f"{name}: {value}" for name, value in said.items())]
    return Envelope(
        external_id=event.id,
        occurred_at=datetime.fromtimestamp(event.created_at, UTC),
        kind="partner_report",
        generation=Generation(messages=[Message(role="event", content="\n".join(lines))], model=event.data.model or ""),
        actor=Actor(kind="user", external_id=identifier) if identifier else None,
        payload=None,
    )


FORMAT: Final = Format(
    slug="openai-safety-webhook",
    title=gettext_lazy("OpenAI safety webhook"),
    convert=_convert,
    example=b"""{
  "id": "evt_1", "object": "event", "type": "safety_identifier.blocked", "created_at": 1793527200,
  "data": {"safety_category": "cyber", "safety_identifier": "user-7f3a", "model": "gpt-5", "request_id": "req_1"}
}""",
)
