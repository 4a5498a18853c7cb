"""The demo's wording: varied, and the same for the same seed."""

from random import Random

import pytest

from incidents.desk.demo import texts
from policies import pack


def conversations(count: int, *, seed: int) -> list[list[texts.Message]]:
    random = Random(seed)
    shares = [theme.share for theme in texts.themes()]
    return [texts.conversation(random.choices(texts.themes(), shares)[0], random) for _number in range(count)]


def words(conversation: list[texts.Message]) -> set[str]:
    return set(" ".join(message["content"] for message in conversation).lower().split())


def test_the_same_seed_gives_the_same_texts():
    assert conversations(20, seed=5) == conversations(20, seed=5)
    assert conversations(20, seed=5) != conversations(20, seed=6)


@pytest.mark.parametrize("seed", range(5))
def test_fifty_random_texts_do_not_repeat_each_other(seed):
    read = [words(conversation) for conversation in conversations(50, seed=seed)]

    closest = max(len(one & other) / len(one | other) for place, one in enumerate(read) for other in read[place + 1 :])

    assert closest < 0.8


def test_every_theme_cites_a_clause_of_the_pack_or_none():
    clauses = {clause.key for policy in pack.load() for clause in policy.text.clauses}

    assert {theme.clause for theme in texts.themes() if theme.clause} <= clauses


def test_every_pattern_can_be_filled():
    speech = texts.Speech(Random(1))

    for theme in texts.themes():
        for pattern in (*theme.prompts, *theme.answers):
            sentence = speech.sentence(pattern)
            assert sentence[0] == sentence[0].upper()
            assert "{" not in sentence


def test_what_no_clause_names_opens_gaps_named_after_what_was_asked():
    [theme] = [theme for theme in texts.themes() if theme.name == "Nothing that a clause names"]
    random = Random(1)

    named = {
        texts.gap([{"role": "user", "content": prompt}], random) for prompt in theme.prompts for _time in range(20)
    }

    assert named == {"", *texts._lists()["gaps"].values()}
