"""Where a clause of one version leads under another: by itself, to what took its place, or nowhere."""

import pytest

from incidents.impact.carrying import Apart, carried_to
from tests.factories import make_policy
from tests.impact.histories import History

pytestmark = pytest.mark.django_db


def history(*versions: str, **follows: dict[str, str]) -> History:
    """Return a policy of which each of ``versions`` names the clauses; ``v2={"a": "b"}``: b took the place of a."""
    made = History(make_policy())
    for number, names in enumerate(versions, start=1):
        made.add(names, follows.get(f"v{number}", {}).items(), day=number)
    return made


def led(made: History, number: int) -> dict[str, str]:
    """Return what each clause leads to under a version: {"a1": "b"}, the clause a of version 1 to b."""
    texts = {
        made.text(name, one.number).pk: f"{name}{one.number}" for one in made.versions for name in names_of(made, one)
    }
    keys = {made.clause(name).pk: name for one in made.versions for name in names_of(made, one)}
    found = carried_to(made.versions[number - 1])
    return {texts[one.text]: one.apart.value if one.apart else keys[one.clause] for one in found}


def names_of(made: History, version) -> list[str]:
    return [key.rpartition(".")[2] for key in version.clauses.values_list("clause__key", flat=True)]


def test_a_chain_of_versions_leads_from_step_to_step():
    made = history("ax", "bx", "cx", v2={"a": "b"}, v3={"b": "c"})

    assert led(made, 3) == {"a1": "c", "x1": "x", "b2": "c", "x2": "x", "c3": "c", "x3": "x"}
    assert led(made, 2) == {"a1": "b", "x1": "x", "b2": "b", "x2": "x", "c3": "not-covered-yet", "x3": "x"}
    assert led(made, 1) == {
        "a1": "a", "x1": "x", "b2": "not-covered-yet", "x2": "x", "c3": "not-covered-yet", "x3": "x",
    }  # fmt: skip


def test_several_clauses_merge_into_one_and_one_that_is_split_goes_to_the_one_that_was_named():
    merged = history("abx", "cx", v2={"a": "c", "b": "c"})
    split = history("ax", "bcx", v2={"a": "c"})

    assert led(merged, 2) == {"a1": "c", "b1": "c", "x1": "x", "c2": "c", "x2": "x"}
    assert led(split, 2) == {"a1": "c", "x1": "x", "b2": "b", "c2": "c", "x2": "x"}


def test_what_was_taken_out_without_a_word_is_no_longer_covered_until_a_version_has_it_again():
    made = history("ax", "x", "ax")

    assert led(made, 2)["a1"] == "no-longer-covered"
    assert led(made, 3)["a1"] == "a"
    assert led(made, 2)["a3"] == "not-covered-yet"


def test_one_that_was_followed_stays_followed_though_its_name_comes_back():
    made = history("ax", "bx", "abx", v2={"a": "b"})

    assert (led(made, 3)["a1"], led(made, 3)["a3"]) == ("b", "a")


def test_two_steps_within_one_version_are_taken_and_a_circle_leads_nowhere():
    steps = history("abx", "cx", v2={"a": "b", "b": "c"})
    circle = history("abx", "x", v2={"a": "b", "b": "a"})

    assert (led(steps, 2)["a1"], led(steps, 2)["b1"]) == ("c", "c")
    assert (led(circle, 2)["a1"], led(circle, 2)["b1"]) == ("no-longer-covered", "no-longer-covered")


def test_the_last_word_counts_and_a_word_about_what_stayed_counts_for_nothing():
    made = History(make_policy())
    made.add("abcx", day=1)
    made.add("bx", [("a", "b"), ("a", "x"), ("b", "x"), ("c", "x"), ("c", None)], day=2)

    assert led(made, 2) == {"a1": "x", "b1": "b", "c1": "no-longer-covered", "x1": "x", "b2": "b", "x2": "x"}


def test_what_goes_to_another_policy_is_followed_there_and_back():
    here, there = History(make_policy()), History(make_policy())
    here.add("ab", day=1)
    there.add("p", day=2)
    here.add("b", [("a", there.clause("p"))], day=3)
    there.add("q", [("p", "q")], day=4)
    there.add("r", [("q", here.clause("b"))], day=5)

    def to(version) -> dict[int, tuple[int, Apart | None]]:
        return {one.text: (one.clause, one.apart) for one in carried_to(version)}

    assert to(here.versions[0])[here.text("a", 1).pk] == (here.clause("a").pk, None)
    assert to(here.versions[1])[here.text("a", 1).pk] == (here.clause("b").pk, None)
    assert to(here.versions[1])[there.text("p", 1).pk] == (here.clause("b").pk, None)
    assert there.text("r", 3).pk not in to(here.versions[1])
    assert to(there.versions[0])[here.text("a", 1).pk] == (there.clause("p").pk, None)
    assert to(there.versions[1])[here.text("a", 1).pk] == (there.clause("q").pk, None)
    assert to(there.versions[2])[there.text("q", 2).pk] == (here.clause("b").pk, None)


def test_a_policy_that_was_retired_with_nothing_in_its_place_covers_nothing_of_others():
    here, there = History(make_policy()), History(make_policy())
    here.add("ab", day=1)
    there.add("p", day=2)
    here.add("b", [("a", there.clause("p"))], day=3)
    there.retire(day=4)

    found = {one.text: one.apart for one in carried_to(here.versions[1])}

    assert found[here.text("a", 1).pk] == Apart.GONE
    assert found[here.text("b", 1).pk] is None


def test_a_retired_version_can_be_asked_for():
    made = history("ax", "bx", v2={"a": "b"})
    made.retire(day=9)

    assert led(made, 2)["a1"] == "b"


def test_it_takes_three_queries(django_assert_num_queries):
    made = history("ax", "bx", "cx", v2={"a": "b"})

    with django_assert_num_queries(3):
        carried_to(made.versions[2])
