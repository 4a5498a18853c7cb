"""A first mapping for a CSV file, from the names of its columns and its first rows. A person looks at it next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from incidents.intake.formats import columns, paths

# The field, and the names of columns that mean it, likeliest first. Written as _plain writes them.
NAMES: Final[dict[str, tuple[str, ...]]] = {
    "external_id": ("alertid", "externalid", "id", "eventid", "rowid", "commentid", "exampleno", "uid", "uuid"),
    "occurred_at": ("occurredat", "timestamp", "createdat", "time", "datetime", "date", "created", "eventtime"),
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
    "actor.parent.external_id": ("organisationid", "organizationid", "orgid", "tenantid"),
    "detector.name": ("detector", "classifier", "detectorname"),
    "detector.version": ("detectorversion", "classifierversion"),
    "labels": ("category", "hazard", "label", "violation", "policy"),
}
SCORES: Final = ("score", "prob", "probability", "confidence")
SAMPLE: Final = 50  # rows that are looked at


def suggest(header: Sequence[str], rows: Sequence[Mapping[str, str | None]]) -> dict[str, Any]:
    """Propose a mapping as JSON. A column named as a native path stands for it; unknown columns are left out."""
    fields: dict[str, Any] = {}
    free = list(header)
    for path, column in _by_name(header):
        if column in free and path not in fields:
            fields[path] = {"column": column}
            free.remove(column)
    for column in free:
        cells = [cell for row in rows[:SAMPLE] if (cell := (row.get(column) or "").strip())]
        if path := _by_cells(column, cells):
            fields[path] = {"column": column}
    if any(path.startswith("scores.") for path in fields):
        fields |= _kind_of_scores(fields, rows)
    fields.setdefault("external_id", {"text": "row {#}"})
    if "occurred_at" in fields and not _say_their_zone(fields["occurred_at"]["column"], rows):
        fields["occurred_at"]["zone"] = "UTC"
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


def _say_their_zone(column: str, rows: Sequence[Mapping[str, str | None]]) -> bool:
    cells = [(row.get(column) or "").strip() for row in rows[:SAMPLE]]
    return all(cell.endswith(("Z", "z")) or cell[-6:-5] in {"+", "-"} for cell in cells if cell)


def _plain(column: str) -> str:
    return "".join(sign for sign in column.lower() if sign.isalnum())
