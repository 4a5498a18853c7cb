"""The fixtures: for each format records as its specification has them, and exactly what they become.

A case is an object of ``name``, ``record``, ``alerts`` (defaults left out), ``given`` (index, headers, options), and of
what may vary within the specification, by dotted path: ``optional`` may be missing, ``choices`` be another of these,
``numbers`` lie anywhere between two, ``open`` hold one category more (``?`` stands for its name in a list's element).
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from incidents.intake.formats import catalogue, reading
from incidents.intake.formats.converting import Format, Given, NotOfFormat

FIXTURES = Path(__file__).parent / "fixtures"
RECEIVED_AT = datetime(2026, 11, 2, 8, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    slug: str
    name: str
    record: Any
    alerts: list[dict[str, Any]]
    given: dict[str, Any] = field(default_factory=dict)
    optional: list[str] = field(default_factory=list)
    choices: dict[str, list[Any]] = field(default_factory=dict)
    numbers: dict[str, list[float]] = field(default_factory=dict)
    open: dict[str, Any] = field(default_factory=dict)

    @property
    def format(self) -> Format:
        return catalogue.FORMATS[self.slug]

    def convert(self, record: Any) -> list[dict[str, Any]]:
        body = record if isinstance(record, bytes) else json.dumps(record).encode()
        return self.format.convert(body, given(**self.given))


def given(**fields: Any) -> Given:
    return Given(received_at=RECEIVED_AT, **fields)


def cases_of(slug: str) -> list[Case]:
    file = FIXTURES / f"{slug}.json"
    return [Case(slug=slug, **case) for case in json.loads(file.read_text())] if file.exists() else []


def accepted(alert: dict[str, Any]) -> dict[str, Any]:
    """Hold one native dict against the native shape; return it with defaults left out. Raises reading.Invalid."""
    return msgspec.to_builtins(reading.decode(msgspec.json.encode(alert)))


CASES = [case for slug in catalogue.FORMATS for case in cases_of(slug)]


def first_of(slug: str) -> Case:
    return cases_of(slug)[0]


def changed(record: Any, path: str, value: Any) -> Any:
    """Copy a record with one place changed, named by its dotted path."""
    record = json.loads(json.dumps(record))
    holder, parts = record, [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in parts[:-1]:
        holder = holder[part]
    holder[parts[-1]] = value
    return record


def errors_of(case: Case, record: Any) -> dict[str, list[str]]:
    """Convert what is not of the format; return what is said about it."""
    with pytest.raises(NotOfFormat) as raised:
        case.convert(record)
    return raised.value.errors
