"""Texts that are about the same find each other, without labels and without being told how many sets there are."""

import subprocess
import sys
from collections import Counter

from incidents.guidance import likeness
from incidents.guidance.likeness import features
from incidents.guidance.likeness.naming import telling_words
from tests.environment import ROOT
from tests.guidance.made import KINDS, ODD, texts


def test_each_kind_is_found():
    made, kinds = texts()

    sets = likeness.alike(made)

    main_kinds = [Counter(kinds[place] for place in places).most_common(1)[0] for places in sets]
    assert {kind for kind, _times in main_kinds} == set(KINDS)
    assert all(times >= 0.8 * len(places) for (_kind, times), places in zip(main_kinds, sets, strict=True))
    assert len(sets) <= 3 * len(KINDS)


def test_a_text_is_in_one_set_at_most():
    made, _kinds = texts()

    places = [place for places in likeness.alike(made) for place in places]

    assert len(places) == len(set(places))


def test_what_belongs_to_nothing_is_left_out():
    made, kinds = texts()

    odd = [place for places in likeness.alike(made) for place in places if kinds[place] == "odd"]

    assert len(odd) <= len(ODD) / 4


def test_another_process_finds_the_same_sets():
    made, _kinds = texts()
    imports = "from incidents.guidance import likeness; from tests.guidance.made import texts"
    code = f"{imports}; print(likeness.alike(texts()[0]))"

    told = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    ]

    assert told == [str(likeness.alike(made))] * 2


def test_few_texts_or_empty_ones_make_no_set():
    assert likeness.alike([]) == []
    assert likeness.alike(["votes for a pet contest"] * 4) == []
    assert likeness.alike(["", "…", "12 34", "\x00", "a", "?!"]) == []


def test_very_long_texts_are_read_in_part():
    assert features.features_of("word " * 10_000_000).total() < 10_000


def test_writing_without_spaces_has_features_too():
    one, other = features.features_of("請幫我寫假的評論"), features.features_of("寫假的評論給餐廳")

    assert len(one.keys() & other.keys()) >= 3


def test_accents_marks_and_endings_do_not_part_words():
    assert features.words_of("Évaluée, ÉVALUÉE") == ["evaluee", "evaluee"]
    assert features.words_of("हिन्दी") == ["हिन्दी"]
    assert "^revie" in features.features_of("reviewing").keys() & features.features_of("reviews").keys()


def test_a_feature_that_everyone_elsewhere_has_is_light():
    common = features.how_common(["please help me with the garden"] * 90)
    made = ["please mend the kettle", "please mend the lantern", "kettle lantern"]

    plain, told = (
        features.vectors_of(made, elsewhere=elsewhere, texts_elsewhere=elsewhere.total() and 90)
        for elsewhere in (Counter(), common)
    )

    assert "^pleas" not in told[0]
    assert "^mend" in told[0]
    assert plain != told


def test_sets_are_named_by_what_they_have_and_others_have_not():
    made, kinds = texts()
    sets = [[place for place, kind in enumerate(kinds) if kind == name] for name in KINDS]

    contest, homework, review = telling_words(made, sets, most=3)

    assert "contest" in contest
    assert "teacher" in homework
    assert "restaurant" in review
