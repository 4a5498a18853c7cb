"""What the comparison of two wordings marks, and that it loses no character of either."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from policies import diff
from policies.diff import Kind, Piece
from policies.diff.shared import Budget, increasing, runs
from tests.policies.texts import TEXTS, long_text


def _told(kind: Kind, pieces: tuple[Piece, ...]) -> list[str]:
    return [piece.text.strip() for piece in pieces if piece.kind == kind]


def test_only_the_words_that_differ_are_marked() -> None:
    pieces = diff.words("Write no reviews.", "Write no invented reviews or votes.")

    assert _told(Kind.REMOVED, pieces) == []
    assert _told(Kind.ADDED, pieces) == ["invented", "or votes"]


def test_an_unchanged_wording_is_one_piece() -> None:
    assert diff.words("The same words.", "The same words.") == (Piece(Kind.SAME, "The same words."),)


def test_a_field_that_was_empty_is_all_new() -> None:
    assert diff.words("", "Some words") == (Piece(Kind.ADDED, "Some words"),)


def test_words_that_stand_by_chance_between_others_are_not_picked_out() -> None:
    pieces = diff.words("Praise of green leaves a bit late.", "Verses upon black coffee a thing cold.")

    assert pieces == (
        Piece(Kind.REMOVED, "Praise of green leaves a bit late"),
        Piece(Kind.ADDED, "Verses upon black coffee a thing cold"),
        Piece(Kind.SAME, "."),
    )


def test_where_no_spaces_are_written_each_sign_is_a_word() -> None:
    pieces = diff.words("請不要寫假的評論", "請不要寫任何評論")

    assert _told(Kind.REMOVED, pieces) == ["假的"]
    assert _told(Kind.ADDED, pieces) == ["任何"]


@settings(max_examples=60, deadline=None)
@given(old=TEXTS, new=TEXTS)
def test_the_pieces_of_a_side_are_its_wording(old: str, new: str) -> None:
    pieces = diff.words(old, new)

    assert "".join(piece.text for piece in pieces if piece.kind != Kind.ADDED) == old
    assert diff.apply_words(pieces, old) == new
    assert any(piece.kind != Kind.SAME for piece in pieces) == (old != new)
    assert all(piece.text for piece in pieces)


@settings(max_examples=60, deadline=None)
@given(old=TEXTS, new=TEXTS)
def test_nothing_is_lost_when_there_is_no_time_to_compare(old: str, new: str) -> None:
    pieces = diff.words(old, new, Budget(steps=3))

    assert diff.apply_words(pieces, old) == new


def test_a_difference_is_not_applied_to_another_text() -> None:
    with pytest.raises(ValueError, match="not made from this text"):
        diff.apply_words(diff.words("one", "two"), "three")


@settings(max_examples=60, deadline=None)
@given(old=TEXTS, new=TEXTS)
def test_what_close_texts_share_is_as_long_as_it_can_be(old: str, new: str) -> None:
    shared = runs(old, new, Budget())

    assert sum(length for _, _, length in shared) == _longest_common(old, new)


def _longest_common(old: str, new: str) -> int:
    """Return the length of the longest common subsequence, by the table of the textbooks."""
    row = [0] * (len(new) + 1)
    for character in old:
        before = row[:]
        for place, other in enumerate(new, start=1):
            row[place] = before[place - 1] + 1 if character == other else max(before[place], row[place - 1])
    return row[-1]


def test_far_apart_in_a_long_text_each_change_is_still_found_by_word() -> None:
    sentences = long_text(1, size=60_000).split(". ")
    changed = [
        f"Changed{place} {sentence}" if place % 20 == 0 else sentence for place, sentence in enumerate(sentences)
    ]

    pieces = diff.words(". ".join(sentences), ". ".join(changed))

    assert len(_told(Kind.ADDED, pieces)) == len(range(0, len(sentences), 20)) > 50
    assert _told(Kind.REMOVED, pieces) == []


def test_the_steps_of_a_comparison_are_bounded() -> None:
    budget = Budget()

    diff.words(long_text(1, size=60_000), long_text(2, size=60_000), budget)
    spent = budget.steps

    assert spent > -500_000


def test_the_longest_increasing_part_is_found() -> None:
    assert increasing([3, 0, 1, 5, 2, 4]) == [1, 2, 4, 5]
    assert increasing([]) == []
