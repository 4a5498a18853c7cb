"""The body of ``POST /api/v1/alerts``: unpacked within limits and cut into records, not yet looked into."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any, Final

import msgspec
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser

from incidents.intake.formats import files
from trust import bodies, idempotency
from trust.bodies import BodyTooLarge

MIB: Final = 1024 * 1024
MOST_COMPRESSED: Final = 8 * MIB
MOST_UNPACKED: Final = 64 * MIB
STEEPEST: Final = 200  # bytes unpacked for each byte sent, past the first MiB
MOST_RECORDS: Final = 10_000
MOST_COMMAS: Final = 1_000_000  # in an array: bounds what cutting it up can cost

_START: Final = re.compile(rb"[^ \t\r\n]")
_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode


@dataclass(frozen=True)
class Records:
    """What a body held, in its order, and SHA-256 of the body as unpacked where the request is to be known again."""

    records: list[bytes]
    digest: bytes


class _AlertsParser(BaseParser, ABC):
    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        bodies.refuse_other_charsets(media_type or "")
        headers = (parser_context or {})["request"].headers
        body = _read(stream, headers.get("Content-Encoding", ""))
        records = list(islice(self.cut(body), MOST_RECORDS + 1))
        if len(records) > MOST_RECORDS:
            raise BodyTooLarge(_("More than %(limit)s records in one body.") % {"limit": MOST_RECORDS})
        return Records(records, hashlib.sha256(body).digest() if idempotency.HEADER in headers else b"")

    @abstractmethod
    def cut(self, body: bytes) -> Iterator[bytes]:
        """Cut a body into its records."""


class JsonAlerts(_AlertsParser):
    """One JSON object, or an array of them. Raises 400 when it cannot be read as a whole."""

    media_type = "application/json"

    def cut(self, body: bytes) -> Iterator[bytes]:
        text = body.strip(b" \t\r\n")
        if text.startswith(b"{"):
            return iter([text] if _is_json(text) else [])
        if text.startswith(b"["):
            return iter(_cut_array(text))
        raise ParseError(_("The body must be a JSON object or an array of them."))


class CloudEvents(JsonAlerts):
    """One event in structured mode."""

    media_type = "application/cloudevents+json"


class CloudEventsBatch(JsonAlerts):
    media_type = "application/cloudevents-batch+json"


class CsvAlerts(_AlertsParser):
    """One record to a row; the first row names the columns."""

    media_type = "text/csv"

    def cut(self, body: bytes) -> Iterator[bytes]:
        try:
            yield from (row for _index, row in files.rows(io.BytesIO(body)))
        except ValueError as error:
            raise ParseError(str(error)) from error


class NdjsonAlerts(_AlertsParser):
    """One alert to a line; blank lines do not count."""

    media_type = "application/x-ndjson"

    def cut(self, body: bytes) -> Iterator[bytes]:
        end = 0
        while start := _START.search(body, end):
            end = body.find(b"\n", start.start())
            end = len(body) if end < 0 else end
            yield body[start.start() : end]


def _read(stream: IO[bytes], encoding: str) -> bytes:
    match encoding.strip().lower():
        case "" | "identity":
            return _limited(stream, MOST_UNPACKED)
        case "gzip" | "x-gzip":
            return _unpacked(_limited(stream, MOST_COMPRESSED))
    raise UnsupportedMediaType(encoding, _("Only gzip is understood as Content-Encoding."))


def _limited(stream: IO[bytes], limit: int) -> bytes:
    body = stream.read(limit + 1)
    if len(body) > limit:
        raise BodyTooLarge(_("The body is larger than %(limit)s bytes.") % {"limit": limit})
    return body


def _unpacked(packed: bytes) -> bytes:
    """Unpack every gzip member, one layer deep. Raises 400 for what is cut or broken, 413 past a limit."""
    unpacked, member, rest = bytearray(), zlib.decompressobj(wbits=31), packed
    try:
        while rest:
            if member.eof:
                member = zlib.decompressobj(wbits=31)
            unpacked += member.decompress(rest, MIB)
            rest = member.unused_data or member.unconsumed_tail
            _refuse_bomb(len(unpacked), used=len(packed) - len(rest))
    except zlib.error as error:
        raise ParseError(_("The body is not valid gzip.")) from error
    if not member.eof:
        raise ParseError(_("The gzip body is cut short."))
    return bytes(unpacked)


def _refuse_bomb(unpacked: int, *, used: int) -> None:
    if unpacked > MOST_UNPACKED:
        raise BodyTooLarge(_("The body is larger than %(limit)s bytes unpacked.") % {"limit": MOST_UNPACKED})
    if unpacked > MIB and unpacked > STEEPEST * used:
        raise BodyTooLarge(_("The body unpacks to more than %(limit)s times its size.") % {"limit": STEEPEST})


def _cut_array(text: bytes) -> list[bytes]:
    if text.count(b",") > MOST_COMMAS:
        raise BodyTooLarge(_("This array is too long to be cut up; send it as NDJSON or in smaller bodies."))
    try:
        return [bytes(element) for element in islice(_elements(text), MOST_RECORDS + 1)]
    except (msgspec.DecodeError, RecursionError):
        return [json.dumps(element).encode() for element in _parsed(text)]


def _is_json(text: bytes) -> bool:
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        _parsed(text)
    return True


def _parsed(text: bytes) -> Any:
    """Parse the slow way what the fast way refused: it stops at lone surrogates, which are one record's mistake."""
    try:
        return json.loads(text.decode("utf-8"), parse_constant=_refuse_constant)
    except RecursionError as error:
        raise ParseError(_("The body is nested deeper than %(limit)s levels.") % {"limit": bodies.MAX_DEPTH}) from error
    except ValueError as error:
        raise ParseError(_("The body is not valid JSON.")) from error


def _refuse_constant(constant: str) -> Any:
    raise ValueError(f"{constant} is not a number of JSON")
