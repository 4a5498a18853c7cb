import pytest

from incidents.intake.formats import catalogue
from policies.taxonomies import BY_LABEL, LLAMA_GUARD
from tests.intake.formats.cases import accepted, changed, errors_of, first_of


def converted(payload, slug="llama-guard-3"):
    case = first_of(slug)
    (alert,) = case.convert(changed(case.record, "payload", payload))
    return accepted(alert)


def test_a_code_means_another_thing_in_another_generation():
    names = []
    for slug in ("llama-guard-2", "llama-guard-3"):
        alert = converted("unsafe\nS7", slug)
        taxonomy = BY_LABEL[f"{alert['taxonomy']['name']}/{alert['taxonomy']['version']}"]
        names.append(taxonomy.categories[alert["flagged"][0]])

    assert names == ["Intellectual Property", "Privacy"]


def test_every_generation_is_a_format():
    assert {f"llama-guard-{taxonomy.version}" for taxonomy in LLAMA_GUARD} <= catalogue.FORMATS.keys()


@pytest.mark.parametrize(
    ("text", "flagged"),
    [
        ("unsafe\nS1,S10", ["S1", "S10"]),
        ("\n\nunsafe\nS1, S10<|eot_id|>", ["S1", "S10"]),
        (" Unsafe \r\nS1\r\nS1\n", ["S1"]),
        ("unsafe\nS99", ["S99"]),
        ("unsafe", ["unsafe"]),
        ("unsafe\n,", ["unsafe"]),
    ],
)
def test_codes_are_read_however_they_are_set(text, flagged):
    assert converted(text)["flagged"] == flagged


def test_safe_says_nothing_of_single_categories():
    alert = converted("\n\nsafe")

    assert alert["labels"] == {"unsafe": False}
    assert not alert.keys() & {"flagged", "scores"}


@pytest.mark.parametrize("text", ["", "\n", "S1", "unsafe S1", "safest", "I cannot judge this."])
def test_another_answer_is_refused(text):
    case = first_of("llama-guard-4")

    errors = errors_of(case, changed(case.record, "payload", text))

    assert errors == {"payload": ["Must be safe, or unsafe and a line of codes."]}
