"""The one keymap: which key does what. A printed key and its ``data-key`` both come from here, so they never differ.

Keys are the browser's ``KeyboardEvent.key``; ``g`` then a letter goes somewhere. The same letter may serve in two
places that are never on one page. A person may give an action another key: ``own`` is what they changed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import combinations
from typing import Any, Final

from django.utils.translation import gettext as _, gettext_lazy

EVERYWHERE: Final = {
    "search": "/",
    "keys": "?",
    "note": "n",
    "notes": "C",
    "up": "u",
    "break": "B",
    "propose": "E",
    "go_my_work": "g m",
    "go_queues": "g q",
    "go_wellbeing": "g w",
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
    "select_all": "A",
    "handle": "a",
    "create": "c",
    "undo": "z",
    "older": "o",
    "download": "d",
    "board": "w",
    "set_up": "S",
    "compare": "v",
    "look": "i",
    "acknowledge": "y",
}

TWO_PEOPLE: Final = {
    "approve": "Y",
    "decline": "N",
    "submit": "s",
    "discard": "D",
    "link": "l",
    "break_glass": "G",
    "extend": "T",
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
    "move": "M",
    "release": "R",
    "fits": "F",
    "fits_not": "X",
    "fits_unclear": "U",
}

BULK: Final = {
    "set_priority": "p",
}

IMPORTS: Final = {
    "import": "i",
    "map_columns": "m",
    "rehearse": "t",
    "cancel": "x",
}

KEYMAP: Final = {**EVERYWHERE, **LISTS, **TWO_PEOPLE, **ITEM, **BULK, **IMPORTS}

# The pages on which actions meet. The item's is one, those of bulk and imports too; what else has keys is another.
ON_ITEM: Final = frozenset({*EVERYWHERE, *ITEM, "next", "previous", "undo", "link"})
ELSEWHERE: Final = frozenset({*EVERYWHERE, *LISTS, *TWO_PEOPLE, "escalate"})
ON_BULK: Final = frozenset(
    {*EVERYWHERE, *BULK, "violating", "benign", "find_clause", "lower", "raise", "move", "release", "approve", "undo"}
)
ON_AGAIN: Final = frozenset({*EVERYWHERE, "reveal", "benign", "raise"})
ON_IMPORT: Final = frozenset({*EVERYWHERE, *IMPORTS, "discard"})
PAGES: Final = (
    (ON_ITEM, gettext_lazy("an item")),
    (ON_BULK, gettext_lazy("what is done in bulk")),
    (ON_AGAIN, gettext_lazy("what is judged again")),
    (ON_IMPORT, gettext_lazy("an import")),
    (ELSEWHERE, gettext_lazy("other pages")),
)

# A letter, alone, with Shift, or after g; some signs; Enter. Digits choose the nth thing, and g begins a pair.
_KNOWN: Final = re.compile(r"Enter|(?!g$)(?:g )?[A-Za-z0/?.,;:()\[\]{}+=*!#$%~_^@|-]")
LONGEST: Final = 5


def key_of(action: str | int, own: Mapping[str, str] | None = None) -> str:
    """Return the key of ``action``: its name here, or 1 to 9 for the nth card or thing; "" from the tenth on.

    Raises ValueError for a name that is not in the map, so that a misspelt key is found by the first test of its page.
    """
    if isinstance(action, int):
        return str(action) if 1 <= action <= 9 else ""
    if action not in KEYMAP:
        raise ValueError(f"unknown key: {action!r}")
    return (own or {}).get(action, KEYMAP[action])


def errors_in(own: Mapping[str, str], names: Mapping[str, Any]) -> dict[str, str]:
    """Say by action what is wrong with the keys that a person wants; a rival is called what ``names`` call it."""
    errors = {action: sentence for action, key in own.items() if (sentence := _error_of(action, key))}
    for actions, page in PAGES:
        for one, other in combinations(sorted(actions), 2):
            if key_of(one, own) == key_of(other, own):
                clash = {"key": printed(key_of(one, own)), "page": page}
                for mine, rival in ((one, other), (other, one)):
                    if mine in own:
                        sentence = _("On %(page)s, %(key)s is the key of “%(rival)s”.")
                        errors.setdefault(mine, sentence % {**clash, "rival": names.get(rival, rival)})
    return errors


def _error_of(action: str, key: str) -> str | None:
    if action not in KEYMAP:
        return _("There is no such action.")
    if not _KNOWN.fullmatch(key):
        return _("A key is a letter, a capital for Shift, a sign, Enter, or g and a letter; digits choose from lists.")
    if action == "approve" and not (len(key) == 1 and key.isupper()):
        return _("What is carried out outside Trustdesk takes Shift and a letter.")
    return None


def printed(key: str) -> str:
    """Return ``key`` as it stands on a button: ``B`` for ``b``, ``⇧Y`` for ``Y``, words as they are."""
    if len(key) == 1 and key.isalpha() and key.isupper():
        return f"⇧{key}"
    return key.upper() if len(key) == 1 else key
