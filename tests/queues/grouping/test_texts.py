from collections.abc import Sequence

import pytest
from hypothesis import given, strategies as some

from incidents.queues import grouping
from trust.normalising import normalise, words_of

WORDS = some.lists(some.sampled_from(["ant", "bee", "cat", "dog", "elk", "fox", "gnu", "hen"]), min_size=4, max_size=15)


def text_of(*contents: str, roles: Sequence[str] = ("user", "assistant", "user")) -> grouping.Text:
    return grouping.text_of(list(zip(roles, contents, strict=False)))


@pytest.mark.parametrize(
    ("varied", "plain"),
    [
        ("Lovely TEA", "lovely tea"),
        ("ｌｏｖｅｌｙ 𝐭𝐞𝐚", "lovely tea"),
        ("lоvеlу tеа", "lovely tea"),
        ("ΛOVELY ΤEΑ", "λovely tea"),
        ("love\u200bly\u00ad te\u2060a\ufeff", "lovely tea"),
        ("lo\u0335v\u0336ely tea", "lovely tea"),
        ("caf\u00e9", "cafe\u0301"),
        ("Straße", "strasse"),
    ],
)
def test_what_a_reader_takes_for_the_same_is_the_same(varied, plain):
    assert normalise(varied) == normalise(plain)


def test_words_of_other_languages_and_digits_stay_apart():
    assert normalise("чай") != normalise("час")
    assert normalise("room 101") != normalise("room lol")
    assert words_of(normalise("お茶 tea")) == ["お", "茶", "tea"]


def test_spacing_does_not_count_in_the_digest_but_who_speaks_does():
    assert text_of("a lovely tea").digest == text_of("al ovely\n\ntea ").digest
    assert text_of("a lovely tea").digest != text_of("a lovely tea", roles=["system"]).digest
    assert text_of("a lovely", "tea").digest != text_of("a lovely tea").digest


@given(WORDS, some.data())
def test_short_texts_one_word_apart_share_a_key(words, data):
    at = data.draw(some.integers(0, len(words) - 1))
    changed = words[:at] + data.draw(some.sampled_from([["yak"], []])) + words[at + 1 :]
    one, other = text_of(" ".join(words)), text_of(" ".join(changed))

    stored, wanted = grouping.keys_of([one])[0].to_store, grouping.keys_of([other])[0].to_find

    if len(changed) >= 4:
        assert set(stored) & set(wanted)
        assert len(stored) <= 16


def test_one_word_more_is_found_across_the_border_of_short_and_long():
    short, long = (text_of(" ".join(f"word{number}" for number in range(many))) for many in (15, 16))

    assert set(grouping.keys_of([short])[0].to_store) & set(grouping.keys_of([long])[0].to_find)
    assert set(grouping.keys_of([long])[0].to_store) & set(grouping.keys_of([short])[0].to_find)


def test_a_text_of_three_words_and_one_of_very_many_have_no_keys():
    texts = [text_of("very lovely tea"), text_of("tea " * 20_001)]

    assert [own.to_store for own in grouping.keys_of(texts)] == [[], []]


def test_keys_are_what_they_were_when_this_version_was_made():
    """Stored keys are compared with new ones: when this fails, raise VERSION and see to ``regroup``."""
    short = text_of("A short one about tea.")
    long = text_of(" ".join(f"word{number}" for number in range(40)))

    keys = [own.to_store for own in grouping.keys_of([short, long])]

    assert grouping.VERSION == 1
    assert short.digest.hex()[:16] == "5e7fcbc3085eed25"
    assert sorted(keys[0])[:2] == [-5926053147781408344, -5569546739217181839]
    assert keys[1][:2] == [7539604955146140338, 1716342806985957720]


def test_a_tenth_of_the_words_may_differ_in_each_message():
    words = [f"word{number}" for number in range(40)]
    near, far = ["other"] * 4 + words[4:], ["other"] * 5 + words[5:]
    base = text_of(" ".join(words), "A short answer here.")

    assert grouping.edits_between(base, text_of(" ".join(near), "A short answer here.")) == 4
    assert grouping.edits_between(base, text_of(" ".join(near), "A short reply here.")) == 5
    assert grouping.edits_between(base, text_of(" ".join(far), "A short answer here.")) is None


def test_a_shared_long_message_does_not_make_up_for_a_different_short_one():
    shared = " ".join(f"word{number}" for number in range(400))

    apart = grouping.edits_between(text_of(shared, "Brew it hot."), text_of(shared, "Paint the shed."))

    assert apart is None


def test_the_number_of_words_alone_rules_most_texts_out():
    text = text_of("tea " * 100)

    assert grouping.may_be_alike(text, 91)
    assert not grouping.may_be_alike(text, 80)
    assert not grouping.may_be_alike(text, 130)


@given(some.lists(some.text(max_size=60), max_size=4))
def test_any_text_at_all_can_be_read(contents):
    text = grouping.text_of([("user", content) for content in contents])

    assert len(grouping.keys_of([text])[0].to_find) <= 34
    assert grouping.edits_between(text, text) == 0


def test_a_text_joins_the_closest_leader_and_no_group_that_cannot_be_read():
    words = [f"word{number}" for number in range(40)]
    leaders = {1: text_of(" ".join(["x", "y", *words[2:]])), 2: text_of(" ".join(["x", *words[1:]]))}
    text = text_of(" ".join(words))

    assert grouping.closest(text, {1: 9, 2: 3, 3: 16}, leaders) == 2
    assert grouping.closest(text, {3: 16}, leaders) is None
