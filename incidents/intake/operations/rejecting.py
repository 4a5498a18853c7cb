"""Keeping what was not taken, and why, with its batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from incidents.intake import models
from incidents.intake.formats.reader import Record
from incidents.intake.models import Batch
from incidents.intake.queries import RestrictedCategories

KEPT_AT_ONCE: Final = 1_000
LONGEST_PATH: Final = 300
LONGEST_SENTENCE: Final = 500


@dataclass(frozen=True)
class Rejection:
    """A record that was not taken, by its place in the body, and everything that is wrong with it by path."""

    index: int
    external_id: str | None
    errors: dict[str, list[str]]


def keep(
    rejected: Sequence[Rejection],
    batch: Batch,
    records: Sequence[Record],
    places: Sequence[int],
    restricted: RestrictedCategories,
) -> None:
    """Store rejections in their order, by the records' ``places`` in their file if it has any. None: no statement."""
    rows = [
        models.Rejection(
            batch=batch,
            index=places[one.index] if places else one.index,
            external_id=one.external_id and storable(one.external_id),
            errors=storable_errors(one.errors),
            is_restricted=restricted.may_be_named_in(_bytes(records[one.index])),
        )
        for one in rejected
    ]
    if rows:
        models.Rejection.objects.bulk_create(rows, batch_size=KEPT_AT_ONCE)


def storable_errors(errors: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return errors as a database keeps them: short, and without what it cannot hold."""
    found: dict[str, list[str]] = {}
    for path, sentences in errors.items():
        kept = found.setdefault(storable(path[:LONGEST_PATH]), [])
        kept += [storable(sentence[:LONGEST_SENTENCE]) for sentence in sentences]
    return found


def storable(text: str) -> str:
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()


def _bytes(record: Record) -> bytes:
    return record if isinstance(record, bytes) else msgspec.json.encode(record)
