"""The difference between two versions of a policy, clause by clause and field by field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Final

from policies.diff.shared import Budget, increasing, runs
from policies.diff.words import Kind, Piece, apply_words, likeness, words
from policies.texts import LEVELS, ClauseText, Definition, Example, PolicyText

# Two examples with fewer words in common than this are two cases, not one that was reworded.
ALIKE: Final = 0.3
TEXTS: Final = ("title", "definition", "public_text", "unmapped_reason")
LISTS: Final = ("violates", "does_not_violate")
VALUES: Final = ("usual_severity", "is_anticipated", "languages")


class Fate(StrEnum):
    """What became of a clause or an example."""

    KEPT = "kept"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True)
class Reworded:
    """A text that changed. ``level`` is the severity that it belongs to, in ``ladder`` alone."""

    field: str
    level: int | None
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Replaced:
    """A value that changed: a severity, what is recommended, its steps, whether the harm was anticipated."""

    field: str
    level: int | None
    old: Any
    new: Any


@dataclass(frozen=True)
class Entry:
    """One example of a list; a kept one may be reworded."""

    fate: Fate
    text: tuple[Piece, ...]
    reason: tuple[Piece, ...]

    @property
    def is_changed(self) -> bool:
        return any(piece.kind != Kind.SAME for piece in (*self.text, *self.reason))


@dataclass(frozen=True)
class Listed:
    """A list of examples that changed: all of its entries, the unchanged ones too."""

    field: str
    entries: tuple[Entry, ...]


Change = Reworded | Replaced | Listed


@dataclass(frozen=True)
class ClauseDiff:
    """One clause. An added one differs from an empty clause, a removed one becomes an empty one.

    ``is_moved`` says that it changed places among the clauses that both versions have.
    """

    key: str
    fate: Fate
    is_moved: bool
    changes: tuple[Change, ...]

    @property
    def is_changed(self) -> bool:
        return self.fate != Fate.KEPT or self.is_moved or bool(self.changes)


@dataclass(frozen=True)
class PolicyDiff:
    """All clauses of both versions in the order of the new, each removed one after the clause that it followed."""

    title: tuple[Piece, ...]
    summary: tuple[Piece, ...]
    clauses: tuple[ClauseDiff, ...]
    definitions: tuple[Entry, ...]  # of each its term, and as the reason its meaning


def between(old: PolicyText, new: PolicyText) -> PolicyDiff:
    """Compare two versions. Cost grows with their length; 500 kB rewritten throughout take well under a second."""
    budget = Budget()
    before, after = ({clause.key: clause for clause in text.clauses} for text in (old, new))
    moved = _moved(list(before), list(after))
    found = [_of_clause(before.get(key), after[key], key in moved, budget) for key in after]
    for place, key in enumerate(before):
        if key not in after:
            gone = ClauseDiff(key, Fate.REMOVED, False, _changes(before[key], ClauseText(key), budget))
            found.insert(_place_after(found, old.clauses[place - 1].key if place else None), gone)
    return PolicyDiff(
        title=words(old.title, new.title, budget),
        summary=words(old.summary, new.summary, budget),
        clauses=tuple(found),
        definitions=_entries(_as_examples(old.definitions), _as_examples(new.definitions), budget),
    )


def apply(difference: PolicyDiff, old: PolicyText) -> PolicyText:
    """Return the new version. Raises ValueError when ``old`` is not the version that was compared."""
    before = {clause.key: clause for clause in old.clauses}
    known = {clause.key for clause in difference.clauses if clause.fate != Fate.ADDED}
    if known != set(before):
        raise ValueError("this difference was not made from this version: it has other clauses")
    clauses = []
    for clause in difference.clauses:
        applied = _applied(clause.changes, before.get(clause.key, ClauseText(clause.key)))
        if clause.fate != Fate.REMOVED:
            clauses.append(applied)
    return PolicyText(
        title=apply_words(difference.title, old.title),
        summary=apply_words(difference.summary, old.summary),
        clauses=tuple(clauses),
        definitions=_as_definitions(_applied_entries(difference.definitions, _as_examples(old.definitions))),
    )


# ── Clauses ──────────────────────────────────────────────


def _moved(old: list[str], new: list[str]) -> frozenset[str]:
    """Return the fewest keys of both that must change places to turn one order into the other."""
    place = {key: number for number, key in enumerate(old)}
    common = [key for key in new if key in place]
    stayed = {common[number] for number in increasing([place[key] for key in common])}
    return frozenset(common) - stayed


def _of_clause(old: ClauseText | None, new: ClauseText, is_moved: bool, budget: Budget) -> ClauseDiff:
    fate = Fate.KEPT if old else Fate.ADDED
    return ClauseDiff(new.key, fate, is_moved, _changes(old or ClauseText(new.key), new, budget))


def _as_examples(definitions: Sequence[Definition]) -> tuple[Example, ...]:
    return tuple(Example(definition.term, definition.meaning) for definition in definitions)


def _as_definitions(examples: Sequence[Example]) -> tuple[Definition, ...]:
    return tuple(Definition(example.text, example.reason) for example in examples)


def _place_after(found: Sequence[ClauseDiff], key: str | None) -> int:
    return next((place + 1 for place, clause in enumerate(found) if clause.key == key), 0)


# ── Fields ───────────────────────────────────────────────


def _changes(old: ClauseText, new: ClauseText, budget: Budget) -> tuple[Change, ...]:
    """Return what differs, in the order in which a clause is read."""
    if old == new:
        return ()
    found: list[Change] = []
    for field in (field.name for field in fields(ClauseText)):
        before, after = getattr(old, field), getattr(new, field)
        if before == after:
            continue
        if field in TEXTS:
            found.append(Reworded(field, None, words(before, after, budget)))
        elif field in LISTS:
            found.append(Listed(field, _entries(before, after, budget)))
        elif field in VALUES:
            found.append(Replaced(field, None, before, after))
        elif field == "ladder":
            found += [
                Reworded(field, level, words(before[level], after[level], budget))
                for level in range(LEVELS)
                if before[level] != after[level]
            ]
        else:
            found += [
                Replaced(field, level, before[level], after[level])
                for level in range(LEVELS)
                if before[level] != after[level]
            ]
    return tuple(found)


def _entries(old: tuple[Example, ...], new: tuple[Example, ...], budget: Budget) -> tuple[Entry, ...]:
    found: list[Entry] = []
    at = new_at = 0
    for start, new_start, length in [*runs(old, new, budget), (len(old), len(new), 0)]:
        found += _replaced(old[at:start], new[new_at:new_start], budget)
        at, new_at = start + length, new_start + length
        found += [_entry(Fate.KEPT, example, example, budget) for example in old[start:at]]
    return tuple(found)


def _replaced(old: Sequence[Example], new: Sequence[Example], budget: Budget) -> list[Entry]:
    """Pair examples of the same place that are alike; the others went and came."""
    found: list[Entry] = []
    for before, after in zip(old, new, strict=False):
        if likeness(f"{before.text} {before.reason}", f"{after.text} {after.reason}") >= ALIKE:
            found.append(_entry(Fate.KEPT, before, after, budget))
        else:
            found.append(_entry(Fate.REMOVED, before, _NOTHING, budget))
            found.append(_entry(Fate.ADDED, _NOTHING, after, budget))
    found += [_entry(Fate.REMOVED, before, _NOTHING, budget) for before in old[len(new) :]]
    found += [_entry(Fate.ADDED, _NOTHING, after, budget) for after in new[len(old) :]]
    return found


_NOTHING: Final = Example("", "")


def _entry(fate: Fate, old: Example, new: Example, budget: Budget) -> Entry:
    return Entry(fate, words(old.text, new.text, budget), words(old.reason, new.reason, budget))


# ── And back ─────────────────────────────────────────────


def _applied(changes: tuple[Change, ...], old: ClauseText) -> ClauseText:
    values: dict[str, Any] = {field.name: getattr(old, field.name) for field in fields(ClauseText)}
    for change in changes:
        if isinstance(change, Listed):
            values[change.field] = _applied_entries(change.entries, values[change.field])
        elif change.level is None:
            values[change.field] = _applied_value(change, values[change.field])
        else:
            ladder = list(values[change.field])
            ladder[change.level] = _applied_value(change, ladder[change.level])
            values[change.field] = tuple(ladder)
    return ClauseText(**values)


def _applied_value(change: Reworded | Replaced, old: Any) -> Any:
    if isinstance(change, Reworded):
        return apply_words(change.pieces, old)
    if old != change.old:
        raise ValueError("this difference was not made from this version: it has another value")
    return change.new


def _applied_entries(entries: tuple[Entry, ...], old: tuple[Example, ...]) -> tuple[Example, ...]:
    left = iter(old)
    found = []
    for entry in entries:
        before = _NOTHING if entry.fate == Fate.ADDED else next(left, _NOTHING)
        after = Example(apply_words(entry.text, before.text), apply_words(entry.reason, before.reason))
        if entry.fate != Fate.REMOVED:
            found.append(after)
    if next(left, None) is not None:
        raise ValueError("this difference was not made from this version: it has more examples")
    return tuple(found)
