"""A table as a file: one line for each cell, totals included, and for each hidden one the reason why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from incidents.statistics.suppression import K
from incidents.statistics.tables import TOTAL, Cell, Heading, Table
from trust import spreadsheets

Line = tuple[Heading, Heading, Cell]


def why_hidden() -> str:
    """Say why a cell is hidden: one reason for all, since to tell the two apart would tell more about each."""
    return _("Fewer than %(k)s actors, or shown it would give away such a count.") % {"k": K}


def lines(table: Table) -> Iterator[Line]:
    """Yield (row, column, cell) in the order of reading, totals last."""
    total = Heading(TOTAL, _("Total"))
    for row, cells in zip([*table.rows, total], table.cells, strict=True):
        for column, cell in zip([*table.columns, total], cells, strict=True):
            yield row, column, cell


def csv_of(table: Table) -> str:
    """Return the cells as CSV. ``actors`` stands in exact tables alone."""
    cut, exact = table.cut, not table.is_suppressed
    counted = "violations" if cut.kind == cut.kind.VIOLATION else "decisions"
    header = [cut.by.value, cut.across.value, "label", counted, *(["actors"] if exact else []), "hidden", "why"]
    return spreadsheets.csv_text(
        header,
        (
            [row.key, column.key, column.label, cell.count, *([cell.actors] if exact else []), *_reason(cell)]
            for row, column, cell in [*lines(table), *_not_covered(table)]
        ),
    )


def _not_covered(table: Table) -> Iterator[Line]:
    """Yield what leads to no clause of the version that was asked for: lines of their own, after the totals."""
    for one in table.not_covered:
        yield Heading(one.why.value, one.told), one.clause, one.cell


def document_of(table: Table) -> dict[str, Any]:
    """Return the table as the API and the JSON export say it."""
    cut = table.cut
    return {
        "counts": "violations" if cut.kind == cut.kind.VIOLATION else "decisions",
        "by": cut.by.value,
        "across": cut.across.value,
        "from": cut.first.isoformat(),
        "to": cut.last.isoformat(),
        "filters": dict(cut.named),
        "is_suppressed": table.is_suppressed,
        "k": K,
        "hidden": table.hidden,
        "why_hidden": why_hidden() if table.hidden else None,
        "rows": [row.key for row in table.rows],
        "columns": [{"key": column.key, "label": column.label} for column in table.columns],
        "not_covered": [
            {"clause": one.clause.key, "why": one.why.value, "count": one.cell.count, "actors": one.cell.actors}
            for one in table.not_covered
        ],
        "cells": [_cell(row, column, cell, table) for row, column, cell in lines(table)],
    }


def name_of(table: Table, ending: str) -> str:
    """Return the file's name, of words and digits alone."""
    cut = table.cut
    view = "suppressed" if table.is_suppressed else "exact"
    return f"trustdesk-{cut.by.value}-{cut.across.value}-{cut.first}-{cut.last}-{view}.{ending}"


def _reason(cell: Cell) -> list[str]:
    return ["yes", why_hidden()] if cell.is_hidden else ["", ""]


def _cell(row: Heading, column: Heading, cell: Cell, table: Table) -> dict[str, Any]:
    said: dict[str, Any] = {"row": row.key, "column": column.key, "count": cell.count, "is_hidden": cell.is_hidden}
    return said if table.is_suppressed else said | {"actors": cell.actors}
