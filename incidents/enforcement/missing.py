"""What an endpoint answers to being told what is in force: ``{"missing": [912, 915]}``, from outside and hostile."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any, Final

MOST: Final = 500
LONGEST: Final = 16 * 1024  # characters: 500 numbers of 19 digits with commas and spaces fit


def ids_in(answer: str, *, told: Collection[int]) -> frozenset[int]:
    """Return the ids that ``answer`` misses. Nothing of an answer that is anything else, or names an id not told."""
    if len(answer) > LONGEST:
        return frozenset()
    try:
        sent: Any = json.loads(answer)
    except (ValueError, RecursionError):
        return frozenset()
    ids = sent.get("missing") if isinstance(sent, dict) else None
    if not isinstance(ids, list) or len(ids) > MOST or not all(type(one) is int for one in ids):
        return frozenset()
    found = frozenset(ids)
    return found if found <= frozenset(told) else frozenset()
