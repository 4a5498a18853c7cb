"""CSV with a mapping: a ready-made one by name, one of your own as JSON, or columns that are named as native paths."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml
from django.utils.translation import gettext as _, gettext_lazy

from incidents.intake.formats import columns, converting, paths
from incidents.intake.formats.columns import Columns, Rule
from incidents.intake.formats.converting import Format, Given, NotOfFormat

READY_MADE: Final = Path(__file__).parent / "mappings"
OPTION: Final = "mapping"


def names() -> list[str]:
    """Return the names of the ready-made mappings."""
    return sorted(file.stem for file in READY_MADE.glob("*.yaml"))


def ready_made(name: str) -> dict[str, Any]:
    """Return a ready-made mapping as JSON. Raises KeyError."""
    if name not in names():
        raise KeyError(name)
    mapping: dict[str, Any] = yaml.safe_load((READY_MADE / f"{name}.yaml").read_text(encoding="utf-8"))
    return mapping


def _convert(record: bytes, given: Given) -> list[dict[str, Any]]:
    row = {column: cell or "" for column, cell in converting.read(record, dict[str, str | None]).items()}
    chosen = given.options.get(OPTION, "")
    return columns.apply(_mapping(chosen) if chosen else _by_own_names(row), row, number=given.index + 1)


@lru_cache(maxsize=20)
def _mapping(chosen: str) -> Columns:
    if chosen.lstrip().startswith("{"):
        try:
            return converting.read(chosen.encode(), Columns)
        except NotOfFormat as reason:
            errors = {f"{OPTION}.{path}": sentences for path, sentences in reason.errors.items()}
            raise NotOfFormat(errors) from None
    try:
        return msgspec.convert(ready_made(chosen), Columns)
    except KeyError:
        known = {"names": ", ".join(names())}
        raise NotOfFormat({OPTION: [_("No such mapping. There are %(names)s, or give one as JSON.") % known]}) from None


def _by_own_names(row: dict[str, str]) -> Columns:
    """Map each column that is named as a native path to it, and keep the others in the metadata."""
    known = {column: column if paths.kind_of(column) else f"metadata.{column[:100]}" for column in row if column}
    return Columns(fields={path: Rule(column=column) for column, path in known.items()})


FORMAT: Final = Format(
    slug="csv",
    title=gettext_lazy("CSV with a mapping of columns"),
    convert=_convert,
    media_types=("text/csv",),
    unit="csv",
    example=msgspec.json.encode(
        {
            "external_id": "row-1",
            "occurred_at": "2026-11-01T10:00:00Z",
            "generation.messages.user": "You brew tea like a rainy Monday.",
            "scores.harassment": "0.71",
            "labels.harassment": "yes",
            "region": "eu",
        }
    ),
)
