"""What the comparison of two wordings marks, and that it loses no character of either."""

from __future__ import annotations

from hypothesis import given, strategies

from policies import diff

texts = strategies.text(max_size=80)


def _changed(pieces: tuple[diff.Piece, ...]) -> list[str]:
    return [piece.text.strip() for piece in pieces if piece.is_changed]


def test_only_the_words_that_differ_are_marked() -> None:
    difference = diff.compare("Definition", "Write no reviews.", "Write no invented reviews or votes.")

    assert _changed(difference.old) == []
    assert _changed(difference.new) == ["invented", "or votes"]


def test_an_unchanged_wording_is_not_changed() -> None:
    assert not diff.compare("Definition", "The same words.", "The same words.").is_changed


def test_a_field_that_was_empty_is_all_new() -> None:
    difference = diff.compare("Definition", "", "Some words")

    assert difference.old == ()
    assert _changed(difference.new) == ["Some words"]


@given(old=texts, new=texts)
def test_the_pieces_of_a_side_are_its_wording(old: str, new: str) -> None:
    difference = diff.compare("Definition", old, new)

    assert "".join(piece.text for piece in difference.old) == old
    assert "".join(piece.text for piece in difference.new) == new
    assert difference.is_changed == (old != new)
