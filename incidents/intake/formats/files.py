"""The files that can be imported: cut into records, whatever their format."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from itertools import chain, zip_longest
from pathlib import Path
from typing import IO, Any, Final, cast

import msgspec
from django.utils.translation import gettext as _

from incidents.intake.formats import converting, reading
from incidents.intake.formats.converting import Format
from trust import unreadable

DELIMITERS: Final = ",;\t|"

csv.field_size_limit(reading.LONGEST_RECORD)


class LooksLikeJson(ValueError):  # noqa: N818  what is said about a file
    """The sentence that says that a file is no CSV, but JSON."""


def records(path: Path, known: Format) -> Iterator[tuple[int, bytes]]:
    """Walk the records of a file, ``.gz`` or plain, with their places: rows from 0, or lines that are not blank.

    Raises OSError, EOFError, zlib.error, and ValueError with a sentence.
    """
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
        yield from rows(cast(IO[bytes], file)) if known.unit == "csv" else _lines(cast(IO[bytes], file))


def rows(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Walk the rows of a CSV file with a header, each as a JSON object from column to text.

    The header tells what stands between cells. Raises ValueError with a sentence for what is not UTF-8 or not CSV.
    """
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        first = text.readline()
        _refuse_json(first)
        reader = csv.reader(chain([first], text), strict=True, delimiter=delimiter_of(first))
        columns = next(reader, [])
        if not columns:
            raise ValueError(_("The file is empty: its first line must name the columns."))
        if len(set(columns)) < len(columns):
            raise ValueError(_("Two columns have the same name."))
        for index, cells in enumerate(cells for cells in reader if cells):
            yield index, msgspec.json.encode(_as_said(columns, cells))
    except UnicodeDecodeError as error:
        raise ValueError(_("The file is not UTF-8.")) from error
    except csv.Error as error:
        reason = {"line": reader.line_num, "reason": unreadable.why_not_csv(error)}
        raise ValueError(_("Line %(line)s is not CSV: %(reason)s") % reason) from error
    finally:
        text.detach()


def delimiter_of(header: str) -> str:
    """Return what stands between the cells of a first line: what it holds most of outside quotes, else the comma."""
    bare = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=bare.count)


def _refuse_json(header: str) -> None:
    start = "".join(header[:1_000].split())
    if start.startswith(('{"', "[{")) or start in {"{", "["}:
        raise LooksLikeJson(_("This looks like JSON, not CSV: choose the format that its records are of."))


def _as_said(columns: list[str], cells: list[str]) -> dict[str, Any]:
    """Return a row by its columns; one with too many cells or too few says so, and no format reads it."""
    if len(cells) == len(columns):
        return dict(zip(columns, cells, strict=True))
    slipped = dict(zip_longest(columns, cells[: len(columns)]))
    return slipped | {converting.RAGGED: [len(cells), len(columns)]}


def _lines(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    for index, line in enumerate(file):
        if text := line.strip():
            yield index, text
