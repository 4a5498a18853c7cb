"""What the comparison of two versions of a policy says of clauses, and that it gives the new version back exactly."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from policies import diff
from policies.diff import Fate, Kind
from policies.texts import Example, PolicyText
from tests.policies.texts import POLICIES, make_text


def make_version(*keys: str, **fields: Any) -> PolicyText:
    return PolicyText("Spam", "What nobody asked for.", tuple(make_text(key=key, **fields) for key in keys))


def _fates(old: PolicyText, new: PolicyText) -> list[tuple[str, str, bool]]:
    return [(clause.key, clause.fate.value, clause.is_moved) for clause in diff.between(old, new).clauses]


def _one_change(**fields: Any) -> diff.Reworded | diff.Replaced | diff.Listed:
    (clause,) = diff.between(make_version("a"), make_version("a", **fields)).clauses
    (change,) = clause.changes
    return change


@settings(max_examples=40, deadline=None)
@given(old=POLICIES, new=POLICIES)
def test_a_difference_gives_the_new_version_back(old: PolicyText, new: PolicyText) -> None:
    difference = diff.between(old, new)

    assert diff.apply(difference, old) == new
    assert any(clause.is_changed for clause in difference.clauses) == (old.clauses != new.clauses)


@settings(max_examples=40, deadline=None)
@given(old=POLICIES, other=POLICIES)
def test_a_difference_is_applied_to_no_other_version(old: PolicyText, other: PolicyText) -> None:
    difference = diff.between(old, replace(old, clauses=()))

    if other == old:
        return
    with pytest.raises(ValueError, match="not made from"):
        diff.apply(difference, other)


def test_clauses_are_added_and_removed_where_they_stand() -> None:
    assert _fates(make_version("a", "b", "c"), make_version("a", "c", "d")) == [
        ("a", "kept", False),
        ("b", "removed", False),
        ("c", "kept", False),
        ("d", "added", False),
    ]


def test_only_the_clause_that_changed_places_is_moved() -> None:
    assert _fates(make_version("a", "b", "c", "d"), make_version("d", "a", "b", "c")) == [
        ("d", "kept", True),
        ("a", "kept", False),
        ("b", "kept", False),
        ("c", "kept", False),
    ]


def test_a_removed_first_clause_stands_first_and_all_gone_keep_their_order() -> None:
    assert [key for key, *_ in _fates(make_version("a", "b", "c"), make_version("c"))] == ["a", "b", "c"]


@pytest.mark.parametrize("field", ["title", "definition", "public_text", "unmapped_reason"])
def test_a_text_is_reworded_by_word(field: str) -> None:
    old = make_version("a", **{field: "Praise of tea"})
    (clause,) = diff.between(old, make_version("a", **{field: "Praise of coffee"})).clauses

    (change,) = clause.changes
    assert isinstance(change, diff.Reworded)
    assert (change.field, change.level) == (field, None)
    assert [(piece.kind, piece.text) for piece in change.pieces] == [
        (Kind.SAME, "Praise of "),
        (Kind.REMOVED, "tea"),
        (Kind.ADDED, "coffee"),
    ]


def test_a_rung_of_the_ladder_is_reworded_alone() -> None:
    change = _one_change(ladder=("None.", "A word.", "A line.", "A long page.", "A book."))

    assert isinstance(change, diff.Reworded)
    assert (change.field, change.level) == ("ladder", 3)


@pytest.mark.parametrize(
    ("field", "value", "level", "old", "new"),
    [
        ("usual_severity", 4, None, 2, 4),
        ("is_anticipated", False, None, True, False),
        ("recommended", ("none", "notice", "quota", "suspension", "ban"), 2, "warning", "quota"),
    ],
)
def test_a_value_is_replaced(field: str, value: Any, level: int | None, old: Any, new: Any) -> None:
    assert _one_change(**{field: value}) == diff.Replaced(field, level, old, new)


def test_an_example_is_reworded_added_and_removed() -> None:
    reworded = Example("A request for loud praise of tea.", "It is praise.")
    added = Example("Leaflets thrown from a window.", "They are litter.")

    change = _one_change(violates=(reworded, added))

    assert isinstance(change, diff.Listed)
    assert [entry.fate for entry in change.entries] == [Fate.KEPT, Fate.REMOVED, Fate.ADDED]
    assert [piece.text for piece in change.entries[0].text if piece.kind == Kind.ADDED] == ["loud "]
    assert not any(piece.kind != Kind.SAME for piece in change.entries[0].reason)


def test_a_key_that_occurs_twice_is_no_version() -> None:
    with pytest.raises(ValueError, match="occurs twice"):
        make_version("a", "a")


def test_a_comparison_has_no_more_pieces_than_a_page_bears_and_still_gives_both_back():
    words = " ".join(f"w{number}" for number in range(9_000))
    edited = " ".join(f"n{number}" if number % 5 == 0 else f"w{number}" for number in range(9_000))
    old, new = (
        PolicyText("S", "", tuple(make_text(key=f"spam.{n}", definition=text) for n in range(8)))
        for text in (words, edited)
    )

    found = diff.between(old, new)

    counts = [len(change.pieces) for clause in found.clauses for change in clause.changes]
    assert counts[0] > 2
    assert counts[-1] == 2
    assert diff.apply(found, old) == new
