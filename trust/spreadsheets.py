"""The one writer of CSV. A spreadsheet runs text that looks like a formula: such text gets a leading apostrophe."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Final

TRIGGERS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
SPACES: Final = " \u00a0\u3000"

Value = str | int | float | None


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Value]]) -> str:
    """Return ``rows`` as CSV of RFC 4180: numbers stay numbers, None is empty, text cannot be a formula."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow([harmless(name) for name in header])
    writer.writerows([[harmless(value) for value in row] for row in rows])
    return text.getvalue()


def harmless(value: Value) -> Value:
    """Return text so that no spreadsheet takes it for a formula, also behind spaces; all else as it is."""
    if isinstance(value, str) and value.lstrip(SPACES).startswith(TRIGGERS):
        return f"'{value}"
    return value
