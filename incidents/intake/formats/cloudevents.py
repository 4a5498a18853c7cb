"""CloudEvents 1.0 around a record of another format: structured, in batches, or binary with the headers ``ce-…``.

The format of the data is named by the extension ``format``, by a type that ends in ``trustdesk.alert.FORMAT``, by the
last part of ``dataschema``, or by the option ``data_format``; in this order. Source: github.com/cloudevents/spec.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal
from urllib.parse import unquote

import msgspec
from django.utils.translation import gettext as _, gettext_lazy
from msgspec import Meta

from incidents.intake.formats import converting, tracing
from incidents.intake.formats.converting import Format, Given, NotOfFormat
from incidents.intake.formats.envelope import Answer
from incidents.intake.formats.native import Id, Moment
from trust.integers import BIGGEST_INTEGER

PREFIX: Final = "ce-"
NATIVE: Final = "native"

_TYPE: Final = re.compile(r"(?:^|\.)trustdesk\.alert\.([a-z0-9-]{1,60})$")
_SCHEMA: Final = re.compile(r"([a-z0-9-]{1,60})(?:\.json)?$")
_RATE: Final = {"sentence": gettext_lazy("Must be a whole number from 1."), "values": {}}


class Event(Answer, kw_only=True, frozen=True):
    id: Id
    source: Annotated[str, Meta(min_length=1)]
    specversion: Literal["1.0"]
    type: Annotated[str, Meta(min_length=1)]
    time: Moment | None = None
    subject: str | None = None
    dataschema: str | None = None
    dataref: str | None = None
    data: Any = None
    data_base64: str | None = None
    sampledrate: Annotated[int, Meta(ge=1, le=BIGGEST_INTEGER, extra=_RATE)] | None = None
    format: str | None = None


def over(formats: Mapping[str, Format]) -> Format:
    """Make the format that reads events whose data is of one of these."""

    def convert(record: bytes, given: Given) -> list[dict[str, Any]]:
        event, data = _binary(record, given) if f"{PREFIX}id" in given.headers else _structured(record)
        known = _format_of(event, formats, given)
        if known.slug == NATIVE or _is_enveloped(data):
            data = _filled(data, event)
        try:
            alerts = known.convert(data, dataclasses.replace(given, headers={}))
        except NotOfFormat as reason:
            errors = {"data" if path == "body" else f"data.{path}": said for path, said in reason.errors.items()}
            raise NotOfFormat(errors, reason.external_id or event.id) from None
        return [_marked(alert, event) for alert in alerts]

    return Format(
        slug="cloudevents",
        title=gettext_lazy("CloudEvents 1.0"),
        convert=convert,
        media_types=("application/cloudevents+json", "application/cloudevents-batch+json"),
        example=b"""{
  "specversion": "1.0", "id": "event-1", "source": "https://example.org/chat", "time": "2026-11-01T10:00:00Z",
  "type": "org.example.trustdesk.alert.native", "sampledrate": 10,
  "data": {"kind": "detector", "flagged": ["spam"],
           "generation": {"messages": [{"role": "user", "content": "Buy our tea, buy our tea."}]}}
}""",
    )


def _structured(record: bytes) -> tuple[Event, bytes]:
    event = converting.read(record, Event)
    if event.data_base64 is not None:
        try:
            return event, base64.b64decode(event.data_base64, validate=True)
        except (binascii.Error, ValueError) as error:
            raise NotOfFormat({"data_base64": [_("Must be base64.")]}, event.id) from error
    if event.data is None and event.dataref:
        raise NotOfFormat(
            {"dataref": [_("The data must be in the event; it is not fetched from elsewhere.")]}, event.id
        )
    return event, event.data.encode() if isinstance(event.data, str) else msgspec.json.encode(event.data)


def _binary(record: bytes, given: Given) -> tuple[Event, bytes]:
    said: dict[str, Any] = {
        name.removeprefix(PREFIX): unquote(value) for name, value in given.headers.items() if name.startswith(PREFIX)
    }
    rate = said.get("sampledrate", "")
    if rate.isdecimal() and len(rate) < 20:
        said["sampledrate"] = int(rate)
    try:
        event = converting.read(msgspec.json.encode({**said, "data": None, "data_base64": None}), Event)
    except NotOfFormat as reason:
        errors = {f"{PREFIX}{path}": sentences for path, sentences in reason.errors.items()}
        raise NotOfFormat(errors) from None
    # One body may hold several records, which share the headers.
    identity = tracing.identifier(event.id, str(given.index) if given.index else "")
    return msgspec.structs.replace(event, id=identity), record


def _format_of(event: Event, formats: Mapping[str, Format], given: Given) -> Format:
    of_type, of_schema = _TYPE.search(event.type), _SCHEMA.search(event.dataschema or "")
    by_schema = of_schema[1] if of_schema and of_schema[1] in formats else ""
    named = event.format or (of_type[1] if of_type else "") or by_schema or given.options.get("data_format", "")
    if named not in formats:
        sentence = _("Must name the format of the data. There are %(names)s.") % {"names": ", ".join(formats)}
        raise NotOfFormat({"format" if event.format else "type": [sentence]}, event.id)
    return formats[named]


def _is_enveloped(data: bytes) -> bool:
    return b'"payload"' in data


def _filled(data: bytes, event: Event) -> bytes:
    """Give the data the event's id and time where it has none of its own."""
    try:
        said = converting.read(data, dict[str, Any])
    except NotOfFormat:
        return data  # its own format says better what is wrong
    if event.time is None and "occurred_at" not in said:
        raise NotOfFormat({"time": [_("Required, unless the data says when it occurred.")]}, event.id)
    when = {"occurred_at": event.time.isoformat()} if event.time else {}
    return msgspec.json.encode({"external_id": event.id} | when | said)


def _marked(alert: dict[str, Any], event: Event) -> dict[str, Any]:
    about = tracing.said(source=event.source, type=event.type, subject=event.subject)
    marked = alert | {"metadata": alert.get("metadata", {}) | {"cloudevent": about}}
    if event.sampledrate and alert.get("sampling_rate", 1.0) == 1.0:
        marked["sampling_rate"] = 1 / event.sampledrate
    return marked
