"""The one keymap: which key does what. A printed key and its ``data-key`` both come from here, so they never differ.

Keys are the browser's ``KeyboardEvent.key``; ``g`` then a letter goes somewhere. The same letter may serve in two
places that are never on one page.
"""

from __future__ import annotations

from typing import Final

EVERYWHERE: Final = {
    "search": "/",
    "keys": "?",
    "note": "n",
    "up": "u",
    "break": "B",
    "propose": "E",
    "go_my_work": "g m",
    "go_queues": "g q",
    "go_actors": "g a",
    "go_enforcement": "g e",
    "go_appeals": "g l",
    "go_incidents": "g i",
    "go_retrospectives": "g r",
    "go_policies": "g p",
    "go_detectors": "g d",
    "go_statistics": "g s",
    "go_audit": "g u",
    "go_settings": "g ,",
}

LISTS: Final = {
    "next": "j",
    "previous": "k",
    "open": "Enter",
    "select": "x",
    "select_to_here": "X",
    "create": "c",
    "undo": "z",
    "older": "o",
    "download": "d",
}

TWO_PEOPLE: Final = {
    "approve": "Y",
    "decline": "N",
    "submit": "s",
    "discard": "D",
    "link": "l",
}

ITEM: Final = {
    "reveal": "r",
    "violating": "v",
    "benign": "b",
    "no_policy_fits": "f",
    "cannot_judge": "c",
    "find_clause": "0",
    "lower": "[",
    "raise": "]",
    "prompt": "p",
    "completion": "o",
    "interaction": "i",
    "complied": "y",
    "quote": "q",
    "add_violation": "+",
    "detector_wrong": "w",
    "decide": "Enter",
    "hold": "h",
    "hand_over": "t",
    "second_opinion": "d",
    "escalate": "e",
    "skip": "s",
    "actor": "a",
    "group": "m",
}

IMPORTS: Final = {
    "import": "i",
    "map_columns": "m",
    "rehearse": "t",
    "cancel": "x",
}

KEYMAP: Final = {**EVERYWHERE, **LISTS, **TWO_PEOPLE, **ITEM, **IMPORTS}


def key_of(action: str | int) -> str:
    """Return the key of ``action``: its name here, or 1 to 9 for the nth card or thing; "" from the tenth on.

    Raises ValueError for a name that is not in the map, so that a misspelt key is found by the first test of its page.
    """
    if isinstance(action, int):
        return str(action) if 1 <= action <= 9 else ""
    if action not in KEYMAP:
        raise ValueError(f"unknown key: {action!r}")
    return KEYMAP[action]


def printed(key: str) -> str:
    """Return ``key`` as it stands on a button: ``B`` for ``b``, ``⇧Y`` for ``Y``, words as they are."""
    if len(key) == 1 and key.isalpha() and key.isupper():
        return f"⇧{key}"
    return key.upper() if len(key) == 1 else key
