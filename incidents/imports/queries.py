from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from incidents.imports import cutting
from incidents.imports.models import Foreseen, Import
from incidents.intake.formats import generic_csv
from incidents.intake.formats.catalogue import FORMATS
from incidents.intake.formats.reader import Reader
from incidents.intake.operations import Brought
from trust.jobs.models import Job


@dataclass(frozen=True)
class Records:
    """Some records of a file, and their places in it, counted from 0."""

    records: list[bytes]
    places: list[int]


def next_part(found: Import, job: Job) -> Records:
    """Return the records that ``job`` comes to next. One query."""
    read = cutting.unpack(bytes(found.parts.get(first=job.done).body))
    return Records([said for _place, said in read], [place for place, _said in read])


def first_records(found: Import, limit: int) -> Records:
    """Return the records that a file begins with; none once the file is gone. One query."""
    part = found.parts.filter(first=0).first()
    read = cutting.unpack(bytes(part.body))[:limit] if part else []
    return Records([said for _place, said in read], [place for place, _said in read])


def reader(found: Import, places: Sequence[int] = ()) -> Reader:
    options = {generic_csv.OPTION: msgspec.json.encode(found.mapping).decode()} if found.mapping is not None else {}
    return Reader(FORMATS[found.format], options=options, places=places)


def foreseen(found: Import, alerts: Sequence[str], generations: Sequence[str]) -> Brought:
    """Return what parts of the dry run before this one would have stored, of these names. One query."""
    rows = Foreseen.objects.filter(of=found, is_generation=False, name__in=set(alerts)).union(
        Foreseen.objects.filter(of=found, is_generation=True, name__in=set(generations)), all=True
    )
    known: tuple[dict[str, bytes], dict[str, bytes]] = ({}, {})
    for is_generation, name, digest in rows.values_list("is_generation", "name", "digest"):
        known[is_generation][name] = bytes(digest)
    return Brought(*known)
