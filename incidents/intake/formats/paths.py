"""The fields of a native alert as dotted paths: which there are, what each holds, and how they become an alert."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

TEXT, NUMBER, BOOLEAN, TIME, MESSAGE, CATEGORIES, ANY = (
    "text",
    "number",
    "boolean",
    "time",
    "message",
    "categories",
    "any",
)

FIELDS: Final = {
    "external_id": TEXT,
    "occurred_at": TIME,
    "kind": TEXT,
    "comment": TEXT,
    "sampling_rate": NUMBER,
    "score_kind": TEXT,
    "flagged": CATEGORIES,
    "labels": CATEGORIES,
    "detector.name": TEXT,
    "detector.version": TEXT,
    "taxonomy.name": TEXT,
    "taxonomy.version": TEXT,
    "actor.kind": TEXT,
    "actor.external_id": TEXT,
    "actor.tier": TEXT,
    "actor.parent.kind": TEXT,
    "actor.parent.external_id": TEXT,
    "generation.external_id": TEXT,
    "generation.model": TEXT,
    "generation.deployment": TEXT,
    "generation.stage": TEXT,
    "generation.use_case": TEXT,
    "generation.language": TEXT,
}
# What follows is a name: a category, a role, a key. It may hold dots.
FAMILIES: Final = {
    "flagged.": BOOLEAN,
    "labels.": BOOLEAN,
    "scores.": NUMBER,
    "thresholds.": NUMBER,
    "metadata.": ANY,
    "actor.identifiers.": TEXT,
    "generation.parameters.": ANY,
    "generation.messages.": MESSAGE,
}
UNKNOWN: Final = ""

_ROLES: Final = ("system", "developer", "user", "assistant")


def kind_of(path: str) -> str:
    """Return what a path holds, or UNKNOWN."""
    if path in FIELDS:
        return FIELDS[path]
    family = _family(path)
    return FAMILIES[family] if family and len(path) > len(family) else UNKNOWN


def assembled(said: Mapping[str, Any]) -> dict[str, Any]:
    """Make a native alert of values by path; messages in the order of their numbers, else of their roles."""
    alert: dict[str, Any] = {"kind": "detector", "generation": {}}
    messages: list[tuple[int, int, str, str]] = []
    for path, value in said.items():
        kind = kind_of(path)
        if kind == MESSAGE:
            messages.append((*_place(path), value))
        elif kind == CATEGORIES:
            _add_categories(alert, path, value)
        elif path.startswith("flagged."):
            _add_categories(alert, "flagged", [path.removeprefix("flagged.")] if value else [])
        else:
            _put(alert, path, value)
    if messages:
        in_order = sorted(messages, key=lambda message: message[:2])
        alert["generation"]["messages"] = [{"role": role, "content": text} for _n, _r, role, text in in_order]
    return _with_actor_of_some_kind(alert)


def _family(path: str) -> str:
    return next((family for family in FAMILIES if path.startswith(family)), "")


def _put(alert: dict[str, Any], path: str, value: Any) -> None:
    family = _family(path)
    holders, last = (
        (family[:-1].split("."), path[len(family) :]) if family else (path.split(".")[:-1], path.split(".")[-1])
    )
    holder = alert
    for name in holders:
        holder = holder.setdefault(name, {})
    holder[last] = value


def _add_categories(alert: dict[str, Any], field: str, names: list[str]) -> None:
    if field == "labels":
        alert.setdefault("labels", {}).update(dict.fromkeys(names, True))
        return
    flagged = alert.setdefault("flagged", [])
    flagged += [name for name in names if name not in flagged]


def _place(path: str) -> tuple[int, int, str]:
    """Return where a message stands, and its role: ``generation.messages.2.user`` or ``generation.messages.user``."""
    rest = path.removeprefix("generation.messages.")
    number, dot, role = rest.partition(".")
    if not (dot and number.isascii() and number.isdigit() and len(number) < 5):
        number, role = "100000", rest
    return int(number), _ROLES.index(role) if role in _ROLES else len(_ROLES), role


def _with_actor_of_some_kind(alert: dict[str, Any]) -> dict[str, Any]:
    actor = alert.get("actor")
    if actor is None:
        return alert
    if "external_id" not in actor:
        return {name: value for name, value in alert.items() if name != "actor"}
    actor.setdefault("kind", "account")
    parent = actor.get("parent")
    if parent is not None and "external_id" not in parent:
        del actor["parent"]
    elif parent is not None:
        parent.setdefault("kind", "organisation")
    return alert
