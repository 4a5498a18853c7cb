"""A first mapping for a CSV file, from the names of its columns and its first rows. A person looks at it next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from incidents.intake.formats import columns, paths

# The field, and the names of columns that mean it, likeliest first. Written as _plain writes them.
NAMES: Final[dict[str, tuple[str, ...]]] = {
    "external_id": ("alertid", "externalid", "id", "eventid", "rowid", "commentid", "exampleno", "uid", "uuid"),
    "occurred_at": (
        "occurredat",
        "timestamp",
        "createdat",
        "time",
        "datetime",
        "date",
        "created",
        "eventtime",
        "when",
        "ts",
    ),
    "generation.external_id": ("generationid", "responseid", "completionid", "conversationid", "convid", "messageid"),
    "generation.messages.system": ("system", "systemprompt", "instructions"),
    "generation.messages.user": (
        "prompt",
        "userprompt",
        "prompttext",
        "question",
        "query",
        "input",
        "user",
        "usermessage",
        "context",
        "text",
        "comment",
        "content",
        "message",
    ),
    "generation.messages.assistant": (
        "response",
        "completion",
        "answer",
        "output",
        "assistant",
        "reply",
        "modelresponse",
        "generation",
        "agent",
    ),
    "generation.model": ("model", "modelname", "modelid", "bot"),
    "generation.language": ("language", "lang", "locale"),
    "actor.external_id": ("accountid", "userid", "actorid", "account", "customerid", "username", "author"),
    "actor.tier": ("tier", "plan", "accounttier", "customertier"),
    "actor.parent.external_id": ("organisationid", "organizationid", "orgid", "tenantid"),
    "detector.name": ("detector", "classifier", "detectorname"),
    "detector.version": ("detectorversion", "classifierversion"),
    "labels": ("category", "hazard", "label", "violation", "policy"),
}
SCORES: Final = ("score", "prob", "probability", "confidence")
SAMPLE: Final = 50  # rows that are looked at
TIMES: Final = (
    "iso",
    *(f"{day}{time}" for day in ("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y") for time in (" %H:%M", " %H:%M:%S", "")),
)


def suggest(header: Sequence[str], rows: Sequence[Mapping[str, str | None]]) -> dict[str, Any]:
    """Propose a mapping as JSON. A column named as a native path stands for it; unknown columns are left out."""
    fields: dict[str, Any] = {}
    free = list(header)
    for path, column in _by_name(header):
        if column in free and path not in fields:
            fields[path] = {"column": column}
            free.remove(column)
    for column in free:
        if path := _by_cells(column, _cells(column, rows)):
            fields[path] = {"column": column}
    if any(path.startswith("scores.") for path in fields):
        fields |= _kind_of_scores(fields, rows)
    fields.setdefault("external_id", {"text": "row {#}"})
    used = {rule.get("column") for rule in fields.values()}
    for column in header:
        if "occurred_at" not in fields and column not in used and _form(_cells(column, rows)) == "iso":
            fields["occurred_at"] = {"column": column}
    if "occurred_at" in fields:
        fields["occurred_at"] |= _how_told(_cells(fields["occurred_at"]["column"], rows))
    return {"fields": fields}


def _by_name(header: Sequence[str]) -> Iterator[tuple[str, str]]:
    for column in header:
        if paths.kind_of(column) != paths.UNKNOWN:
            yield column, column
    plain = {_plain(column): column for column in reversed(header)}
    for path, names in NAMES.items():
        yield from ((path, plain[name]) for name in names if name in plain)


def _by_cells(column: str, cells: list[str]) -> str:
    """Read a column as scores if it is named so and holds numbers, as a label if all its cells are yes or no."""
    if not cells:
        return ""
    category = _category(column)
    is_score = any(word in _plain(column) for word in SCORES)
    if is_score and all(columns.is_number(cell) for cell in cells):
        return f"scores.{category}"
    if all(cell.lower() in columns.SET | columns.CLEAR for cell in cells):
        return f"labels.{category}"
    return ""


def _category(column: str) -> str:
    words = [word for word in column.replace("-", "_").split("_") if word]
    kept = [word for word in words if word.lower() not in {*SCORES, "label", "is"}]
    return "_".join(kept) or column


def _kind_of_scores(fields: Mapping[str, Any], rows: Sequence[Mapping[str, str | None]]) -> dict[str, Any]:
    scored = [rule["column"] for path, rule in fields.items() if path.startswith("scores.")]
    numbers = [
        float(cell) for row in rows[:SAMPLE] for column in scored if columns.is_number(cell := row.get(column) or "")
    ]
    is_probability = bool(numbers) and min(numbers) >= 0 and max(numbers) <= 1
    return {"score_kind": {"constant": "probability"}} if is_probability and "score_kind" not in fields else {}


def _cells(column: str, rows: Sequence[Mapping[str, str | None]]) -> list[str]:
    """Return the cells of the first rows that say something."""
    return [cell for row in rows[:SAMPLE] if (cell := (row.get(column) or "").strip())]


def _how_told(cells: list[str]) -> dict[str, str]:
    """Return the form of times, if one alone fits, and UTC for those that do not say their zone."""
    form = _form(cells)
    told = {"time": form} if form not in {"", "iso"} else {}
    has_zone = all(cell.endswith(("Z", "z")) or cell[-6:-5] in {"+", "-"} for cell in cells)
    return told if has_zone or form.startswith("unix") else told | {"zone": "UTC"}


def _form(cells: list[str]) -> str:
    """Return the form that all cells are told in; "" where none is, or several may be meant."""
    if cells and all(cell.isascii() and cell.isdigit() and len(cell) in {10, 13} for cell in cells):
        return "unix" if len(cells[0]) == 10 else "unix_ms"
    fitting = [form for form in TIMES if cells and all(_fits(cell, form) for cell in cells)]
    return fitting[0] if len(fitting) == 1 else ""


def _fits(cell: str, form: str) -> bool:
    try:
        datetime.fromisoformat(cell) if form == "iso" else datetime.strptime(cell, form)  # noqa: DTZ007  thrown away
    except ValueError:
        return False
    return form != "iso" or "-" in cell


def _plain(column: str) -> str:
    return "".join(sign for sign in column.lower() if sign.isalnum())
