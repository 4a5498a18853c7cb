"""What a format is: a pure function from one record's bytes to native alerts, and what is said about a format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any, Final, Literal, TypeVar, cast

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext as _, ngettext

from incidents.intake.formats import explain, reading
from trust import bodies

RAGGED: Final = "cells_are_not_the_columns"  # [cells, columns] of a row of CSV that has too many or too few
MOST_BYTES: Final = 8 * 1024 * 1024  # of native alerts from one record: each repeats the whole generation

T = TypeVar("T")


class NotOfFormat(ValueError):  # noqa: N818  what is said about a record
    """A record that a format cannot read: sentences by path, and its external id if it has a readable one."""

    def __init__(self, errors: dict[str, list[str]], external_id: str | None = None) -> None:
        super().__init__(errors)
        self.errors = errors
        self.external_id = external_id


@dataclass(frozen=True)
class Given:
    """What is known about a record beside its bytes. ``index`` is its place in the body or file, from 0."""

    received_at: datetime
    index: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)  # of the request; names in lower case
    options: Mapping[str, str] = field(default_factory=dict)  # query parameters, or flags of the command


# Zero, one or several native alerts as plain dicts, still to be held against ``reading.decode``. Raises NotOfFormat.
Converter = Callable[[bytes, Given], list[dict[str, Any]]]


@dataclass(frozen=True)
class Format:
    """One shape that intake reads. Under ``unit`` "csv" a record is one row, as a JSON object from column to text."""

    slug: str
    title: str | Promise
    convert: Converter
    example: bytes
    media_types: tuple[str, ...] = ()
    unit: Literal["json", "csv"] = "json"

    def alerts(self, record: bytes, given: Given) -> list[bytes]:
        """Convert a record within the limits of one, into what ``reading.decode`` reads. Raises NotOfFormat."""
        if len(record) > reading.LONGEST_RECORD:
            raise NotOfFormat({"body": [_("Larger than %(limit)s bytes.") % {"limit": reading.LONGEST_RECORD}]})
        if self.unit == "csv":
            _refuse_ragged(record)
        alerts, size = [], 0
        for alert in self.convert(record, given):
            alerts.append(msgspec.json.encode(alert))
            size += len(alerts[-1])
            if size > MOST_BYTES:
                sentence = _("Becomes more than %(limit)s bytes of alerts.") % {"limit": MOST_BYTES}
                raise NotOfFormat({"body": [sentence]}, alert["external_id"])
        return alerts


def _refuse_ragged(record: bytes) -> None:
    """Refuse a row whose cells do not fit the header: nobody can say which of them slipped."""
    if RAGGED.encode() not in record:
        return
    row = read(record, dict[str, Any])
    match row.get(RAGGED):
        case [int(cells), int(columns)]:
            sentence = ngettext(
                "The row has one cell, the header names %(columns)s columns.",
                "The row has %(cells)s cells, the header names %(columns)s columns.",
                cells,
            )
            raise NotOfFormat({"row": [sentence % {"cells": cells, "columns": columns}]}, explain.external_id_of(row))


def read(record: bytes, shape: type[T]) -> T:
    """Decode JSON as ``shape``, a type of msgspec. Raises NotOfFormat, naming all that is wrong."""
    try:
        record.decode("utf-8")  # msgspec does not look into what it skips
        found: T = _decoder(cast(Any, shape)).decode(record)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _why_not(record, shape, str(error)) from None
    return found


@lru_cache(maxsize=200)
def _decoder(shape: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(shape)


def _why_not(record: bytes, shape: Any, otherwise: str) -> NotOfFormat:
    try:
        value = explain.loads(record)
    except explain.NotJson as reason:
        return NotOfFormat({"body": [str(reason)]})
    external_id = explain.external_id_of(value)
    if problem := bodies.problem_in(value):
        path, sentence = problem
        return NotOfFormat({path or "body": [sentence]}, external_id)
    errors: dict[str, list[str]] = {}
    for path, sentence in islice(explain.problems(value, shape), reading.MOST_PROBLEMS):
        errors.setdefault(path or "body", []).append(sentence)
    return NotOfFormat(errors or {"body": [_("Cannot be read: %(reason)s") % {"reason": otherwise}]}, external_id)
