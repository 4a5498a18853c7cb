"""Rows of a form that grow: ``name_0_part``, ``name_1_part`` and so on, with some empty ones below what is filled."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

EMPTY: Final = 2

Row = dict[str, str]


def count(given: Mapping[str, Any], name: str, parts: Sequence[str], *, most: int) -> int:
    """Return how many rows the form has for what was ``given``: at most ``most``, and at most 100."""
    place = re.compile(rf"{name}_([0-9]{{1,2}})_(?:{'|'.join(parts)})")
    used = [int(match[1]) + 1 for field in given if (match := place.fullmatch(field)) and given[field]]
    return min(max(used, default=0) + EMPTY, most)


def filled(given: Mapping[str, Any], name: str, parts: Sequence[str], *, rows: int) -> list[Row]:
    """Return the rows in which anything stands."""
    found = ({part: given.get(f"{name}_{row}_{part}") or "" for part in parts} for row in range(rows))
    return [row for row in found if any(row.values())]


def raw(name: str, rows: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return ``rows`` by the names of their fields."""
    return {f"{name}_{number}_{part}": text for number, row in enumerate(rows) for part, text in row.items()}
