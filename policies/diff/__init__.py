"""The difference between two texts and between two versions of a policy. Pure: values in, values out.

``apply(between(old, new), old) == new`` holds exactly, whatever the texts. The work is bounded by the sizes of both and
a fixed number of steps: texts that are too different are shown as replaced, never compared to the end.
"""

from policies.diff.policies import (
    ClauseDiff,
    Entry,
    Fate,
    Listed,
    PolicyDiff,
    Replaced,
    Reworded,
    apply,
    between,
)
from policies.diff.shared import Budget
from policies.diff.words import Kind, Piece, apply_words, words

__all__ = [
    "Budget",
    "ClauseDiff",
    "Entry",
    "Fate",
    "Kind",
    "Listed",
    "Piece",
    "PolicyDiff",
    "Replaced",
    "Reworded",
    "apply",
    "apply_words",
    "between",
    "words",
]
