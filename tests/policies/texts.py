"""Whole policy versions out of nothing, for tests that hold for any text."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import strategies as st

from policies.texts import NO_STEP, ClauseText, Definition, Example, PolicyText, Step
from policies.vocabulary import EnforcementKind

# All that the database can store: any character but NUL and halves of pairs.
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")

# Words repeat, so that two texts drawn apart still have something in common; the rest is what formats trip over.
SPACES = [" ", " ", " ", "  ", "\n", "\n\n", "\r"]
WORDS = st.sampled_from(["spam", "Spam", "is", "not", "a", "the", ".", *SPACES, "# ", "\\", "---", "&#10;", ": "])
TEXTS = st.one_of(st.lists(WORDS, max_size=14).map("".join), st.text(CHARACTERS, max_size=30))
EXAMPLES = st.lists(st.builds(Example, text=TEXTS, reason=TEXTS), max_size=2).map(tuple)
KEYS = st.sampled_from([f"spam.{name}" for name in ("one", "two", "three", "four", "five", "six")])
STEPS = st.sampled_from([NO_STEP, *EnforcementKind.values])


def _five(entries: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.tuples(entries, entries, entries, entries, entries)


@st.composite
def _further(draw: st.DrawFn) -> tuple[Step, ...]:
    """Steps at one severity beyond the first, at more and more strikes."""
    strikes = sorted(draw(st.sets(st.integers(1, 99), max_size=2)))
    return tuple(Step(number, draw(STEPS)) for number in strikes)


CLAUSES: st.SearchStrategy[ClauseText] = st.builds(
    ClauseText,
    key=KEYS,
    title=TEXTS,
    definition=TEXTS,
    public_text=TEXTS,
    violates=EXAMPLES,
    does_not_violate=EXAMPLES,
    ladder=_five(TEXTS),
    usual_severity=st.integers(0, 4),
    recommended=_five(STEPS),
    steps=_five(_further()),
    is_anticipated=st.booleans(),
    unmapped_reason=TEXTS,
    languages=st.lists(TEXTS, max_size=2).map(tuple),
)
POLICIES: st.SearchStrategy[PolicyText] = st.builds(
    PolicyText,
    title=TEXTS,
    summary=TEXTS,
    definitions=st.lists(st.builds(Definition, term=TEXTS, meaning=TEXTS), max_size=2).map(tuple),
    clauses=st.lists(CLAUSES, max_size=3, unique_by=lambda clause: clause.key).map(tuple),
)


def make_text(**fields: Any) -> ClauseText:
    """Make a clause with every field filled."""
    values = {
        "key": "spam.tea",
        "title": "Tea",
        "definition": "Praise of tea that nobody asked for.",
        "public_text": "Do not praise tea.",
        "violates": (Example("A request for praise of tea.", "It is praise."), Example("An ode.", "It rhymes.")),
        "does_not_violate": (Example("A price list.", "It states facts."),),
        "ladder": ("None.", "A word.", "A line.", "A page.", "A book."),
        "usual_severity": 2,
        "recommended": ("none", "notice", "warning", "suspension", "ban"),
        **fields,
    }
    return ClauseText(**values)


def long_text(seed: int, *, size: int) -> str:
    """Return about ``size`` characters of words as they are spread in prose: few often, many seldom."""
    draw = random.Random(seed)
    stock = [f"{'aeiou'[n % 5]}{n:x}{'lmnrst'[n % 6]}" for n in range(4_000)]
    told, length = [], 0
    while length < size:
        word = stock[min(int(draw.paretovariate(0.6)) - 1, len(stock) - 1)]
        told.append(word + (". " if draw.random() < 0.1 else " "))
        length += len(told[-1])
    return "".join(told)
