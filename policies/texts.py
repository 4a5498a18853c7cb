"""The whole text of a policy version as a value: what is compared, written to files and read back. Knows no table.

Outside names of a clause are no part of it: they are data about names and belong to no version.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LEVELS: Final = 5
NO_STEP: Final = "none"

# In characters, wherever a text is typed or read from a file.
LONGEST: Final = {
    "title": 120,
    "summary": 2_000,
    "change_note": 1_000,
    "definition": 10_000,
    "public_text": 5_000,
    "violates": 2_000,
    "does_not_violate": 2_000,
    "ladder": 1_000,
    "unmapped_reason": 2_000,
    "term": 120,
    "meaning": 2_000,
}
MOST_EXAMPLES: Final = 50  # of one kind
MOST_DEFINITIONS: Final = 50
MOST_LANGUAGES: Final = 50
MOST_STEPS: Final = 2  # beside what is recommended without strikes
MOST_STRIKES: Final = 99
MOST_OUTSIDE: Final = 100  # categories that one clause stands for


@dataclass(frozen=True)
class Example:
    """A case in abstract words, and why it is or is not a violation."""

    text: str
    reason: str


@dataclass(frozen=True)
class Definition:
    """A term of a policy, and what it means there."""

    term: str
    meaning: str


@dataclass(frozen=True)
class Step:
    """What is recommended from so many strikes of the actor on: an enforcement or "none"."""

    from_strikes: int
    kind: str


@dataclass(frozen=True)
class ClauseText:
    """One clause. ``ladder``, ``recommended`` and ``steps`` have five entries, S0 first.

    ``recommended`` is an enforcement or "none"; ``steps`` are what takes its place from more strikes on, fewest first.
    ``languages`` are tags of BCP 47, none for all languages.
    """

    key: str
    title: str = ""
    definition: str = ""
    public_text: str = ""
    violates: tuple[Example, ...] = ()
    does_not_violate: tuple[Example, ...] = ()
    ladder: tuple[str, ...] = ("",) * LEVELS
    usual_severity: int = 0
    recommended: tuple[str, ...] = (NO_STEP,) * LEVELS
    steps: tuple[tuple[Step, ...], ...] = ((),) * LEVELS
    is_anticipated: bool = True
    unmapped_reason: str = ""
    languages: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if {len(self.ladder), len(self.recommended), len(self.steps)} != {LEVELS}:
            raise ValueError(f"{self.key}: ladder, recommended and steps need {LEVELS} entries each")


@dataclass(frozen=True)
class PolicyText:
    """One version of a policy: its clauses in their order, each key once, and the terms that it defines in theirs."""

    title: str
    summary: str
    clauses: tuple[ClauseText, ...]
    definitions: tuple[Definition, ...] = ()

    def __post_init__(self) -> None:
        if len({clause.key for clause in self.clauses}) != len(self.clauses):
            raise ValueError("a clause key occurs twice")
