"""What detectors and evaluators say, whoever wrote them: probabilities, and words that mean a violation."""

from __future__ import annotations

from typing import Annotated, Final

from django.utils.translation import gettext_lazy
from msgspec import Meta

_SENTENCE: Final = {"sentence": gettext_lazy("Must be a number from 0 to 1."), "values": {}}

Probability = Annotated[float, Meta(ge=0, le=1, extra=_SENTENCE)]

# Evaluators choose their own labels. These leave no doubt; any other is kept, and flags nothing.
VIOLATIONS: Final = frozenset(
    {
        "abusive",
        "blocked",
        "denied",
        "fail",
        "failed",
        "flagged",
        "harmful",
        "toxic",
        "unsafe",
        "violation",
        "violative",
    }
)
CLEAN: Final = frozenset({"allowed", "clean", "harmless", "not_toxic", "not_violative", "pass", "passed", "safe"})


def is_violation(label: str) -> bool | None:
    """Read the label of an evaluation; None where it may mean anything."""
    word = label.strip().lower().replace("-", "_").replace(" ", "_")
    if word in VIOLATIONS:
        return True
    return False if word in CLEAN else None
