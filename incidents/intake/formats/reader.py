"""From the records of a body or a file to alerts, whatever their format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from incidents.intake.formats import attaching, reading
from incidents.intake.formats.catalogue import NATIVE
from incidents.intake.formats.converting import Format, Given, NotOfFormat
from incidents.intake.formats.native import Alert
from incidents.intake.formats.reading import Invalid

Record = bytes | Mapping[str, Any]


class Found(NamedTuple):
    """What a record turned out to be. ``payload`` is a record of another format, as it came but for bytes of media.

    ``place`` is the record's among the records.
    """

    place: int
    alert: Alert
    payload: bytes | None = None


class Unread(NamedTuple):
    """A record, or one alert of several that a record holds, which cannot be taken, and why."""

    place: int
    reason: Invalid


@dataclass(frozen=True)
class Reader:
    """Reads records of one format, under what a request or a command said beside them.

    ``places`` are the records' places in their file, where they differ from their places among the records.
    """

    format: Format = NATIVE
    headers: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    places: Sequence[int] = ()

    def read(self, records: Iterable[Record], *, received_at: datetime) -> Iterator[Found | Unread]:
        """Walk the alerts of the records in their order; a record may hold several or none."""
        for index, one in enumerate(records):
            record = one if isinstance(one, bytes) else msgspec.json.encode(one)
            if self.format is NATIVE:
                yield _decoded(index, record)
            else:
                yield from self._converted(index, record, received_at)

    def _converted(self, index: int, record: bytes, received_at: datetime) -> Iterator[Found | Unread]:
        given = Given(received_at, self.places[index] if self.places else index, self.headers, self.options)
        try:
            alerts = self.format.alerts(record, given)
        except NotOfFormat as reason:
            yield Unread(index, Invalid(reason.errors, reason.external_id))
            return
        kept = attaching.without_bytes(record)
        for alert in alerts:
            yield _decoded(index, alert, payload=kept)


def _decoded(index: int, record: bytes, payload: bytes | None = None) -> Found | Unread:
    try:
        return Found(index, reading.decode(record), payload)
    except Invalid as reason:
        return Unread(index, reason)
