"""Counts of traffic: how many generations there were on a day, and by how many actors. docs/formats.md says the same.

One count is one cell: a day, and as many of model, deployment, stage and language as the sender tells apart.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Annotated, Any, Final, Literal

import msgspec
from django.utils.translation import gettext as _, gettext_lazy
from msgspec import Meta

from incidents.intake.formats import converting
from incidents.intake.formats.converting import NotOfFormat
from incidents.intake.formats.native import CONTROL, Name, Shape
from trust import unreadable

EARLIEST: Final = date(2000, 1, 1)
MOST: Final = 2**53  # what a double holds exactly, and so every spreadsheet and JavaScript
LONGEST_RECORD: Final = 8 * 1024

_SENTENCE: Final = gettext_lazy("Must be a whole number from 0 to %(most)s.")
Count = Annotated[int, Meta(ge=0, le=MOST, extra={"sentence": _SENTENCE, "values": {"most": MOST}})]
Day = Annotated[date, Meta(extra={"sentence": gettext_lazy("Must be a day, such as 2026-11-01."), "values": {}})]
_LONG: Final = {"sentence": gettext_lazy("Must be text of at most %(most)s characters."), "values": {"most": 35}}
Language = Annotated[str, Meta(max_length=35, extra=_LONG)]


class Traffic(Shape, frozen=True):
    """One count as it comes in. A dimension that is left out is not told apart; ``actors`` null is not counted."""

    day: Day
    generations: Count
    actors: Count | None = None
    model: Name = ""
    deployment: Name = ""
    stage: Literal["research", "pre_deployment", "private_beta", "pilot", "limited", "general_availability"] | None = (
        None
    )
    language: Language = ""

    def cell(self) -> Cell:
        """Return what this counts, in the order of ``TrafficCount.CELL``."""
        return self.day, self.model, self.deployment, self.stage or "", self.language

    def counts(self) -> tuple[int, int | None]:
        return self.generations, self.actors


Cell = tuple[date, str, str, str, str]


def decode(record: bytes, *, today: date) -> Traffic:
    """Read one count from JSON. Raises NotOfFormat, naming all that is wrong."""
    if len(record) > LONGEST_RECORD:
        raise NotOfFormat({"body": [_("Larger than %(limit)s bytes.") % {"limit": LONGEST_RECORD}]})
    traffic = converting.read(record, Traffic)
    errors: dict[str, list[str]] = {}
    for name in ("model", "deployment", "language"):
        if CONTROL.search(getattr(traffic, name)):
            errors[name] = [_("Holds control characters.")]
    if traffic.day < EARLIEST:
        errors["day"] = [_("Must not lie before %(day)s.") % {"day": EARLIEST}]
    if traffic.day > today:
        errors["day"] = [_("Lies in the future: it is still %(today)s in UTC.") % {"today": today}]
    if traffic.actors is not None and traffic.actors > traffic.generations:
        errors["actors"] = [_("More actors than generations: each actor counted made at least one.")]
    if errors:
        raise NotOfFormat(errors)
    return traffic


class NotATable(ValueError):  # noqa: N818  what is said about a file
    """The sentence that says why a file cannot be read as a table of counts."""


_COLUMNS: Final = tuple(field.encode_name for field in msgspec.structs.fields(Traffic))
_WHOLE: Final = re.compile(r"[0-9]{1,17}")


def rows(lines: Iterable[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Walk a CSV's rows with the line each ends on, as records; an empty cell is not told. Raises NotATable."""
    reader = csv.reader(lines, strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        _refuse_header(header)
        for cells in reader:
            if any(cells):
                yield reader.line_num, _record(header, cells)
    except csv.Error as error:
        sentence = _("Line %(number)s is not CSV: %(reason)s")
        raise NotATable(sentence % {"number": reader.line_num, "reason": unreadable.why_not_csv(error)}) from error


def _refuse_header(header: list[str]) -> None:
    for name in header:
        if name not in _COLUMNS:
            names = {"name": ascii(name[:100]), "known": ", ".join(_COLUMNS)}
            raise NotATable(_("There is no column %(name)s. The columns are: %(known)s.") % names)
        if header.count(name) > 1:
            raise NotATable(_("The column %(name)s stands twice.") % {"name": name})
    if missing := [name for name in ("day", "generations") if name not in header]:
        raise NotATable(_("The column %(name)s is missing.") % {"name": missing[0]})


def _record(header: list[str], cells: list[str]) -> dict[str, Any]:
    record: dict[str, Any] = {
        name: _value(name, cell.strip()) for name, cell in zip(header, cells, strict=False) if cell
    }
    if len(cells) > len(header):
        record[_("column %(number)s") % {"number": len(header) + 1}] = cells[len(header)]
    return record


def _value(name: str, cell: str) -> str | int:
    return int(cell) if name in {"generations", "actors"} and _WHOLE.fullmatch(cell) else cell
