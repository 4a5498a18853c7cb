"""The files that can be imported: cut into records, whatever their format."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final, cast

import msgspec
from django.utils.translation import gettext as _

from incidents.intake.formats import reading
from incidents.intake.formats.converting import Format

BEYOND: Final = "beyond_the_last_column"

csv.field_size_limit(reading.LONGEST_RECORD)


def records(path: Path, known: Format) -> Iterator[tuple[int, bytes]]:
    """Walk the records of a file, ``.gz`` or plain, with their places: rows from 0, or lines that are not blank.

    Raises OSError, EOFError, zlib.error, and ValueError with a sentence.
    """
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
        yield from rows(cast(IO[bytes], file)) if known.unit == "csv" else _lines(cast(IO[bytes], file))


def rows(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Walk the rows of a CSV file with a header, each as a JSON object from column to text.

    Raises ValueError with a sentence for what is not UTF-8 or not CSV.
    """
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        reader = csv.DictReader(text, strict=True)
        if not reader.fieldnames:
            raise ValueError(_("The file is empty: its first line must name the columns."))
        if len(set(reader.fieldnames)) < len(reader.fieldnames):
            raise ValueError(_("Two columns have the same name."))
        for index, row in enumerate(reader):
            yield index, msgspec.json.encode(_as_said(row))
    except UnicodeDecodeError as error:
        raise ValueError(_("The file is not UTF-8.")) from error
    except csv.Error as error:
        reason = {"line": reader.line_num, "reason": error}
        raise ValueError(_("Line %(line)s is not CSV: %(reason)s") % reason) from error
    finally:
        text.detach()


def _as_said(row: dict[str | None, str | list[str] | None]) -> dict[str, str | None]:
    """Give cells beyond the last column a name that no mapping knows, so that they are kept."""
    beyond = row.pop(None, None)
    said = {str(column): cast(str | None, cell) for column, cell in row.items()}
    return said | ({BEYOND: " ".join(beyond)} if isinstance(beyond, list) else {})


def _lines(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    for index, line in enumerate(file):
        if text := line.strip():
            yield index, text
