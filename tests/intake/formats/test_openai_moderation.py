import pytest

from incidents.intake.formats.openai_moderation import taxonomy_of
from tests.intake.formats.cases import changed, errors_of, first_of


@pytest.mark.parametrize(
    ("model", "version"),
    [
        ("omni-moderation-2024-09-26", "omni-2024-09-26"),
        ("omni-moderation-latest", "omni-2024-09-26"),
        ("omni-moderation-2027-01-01", "omni-2027-01-01"),
        ("text-moderation-007", "text-007"),
        ("text-moderation-stable", "text-007"),
        ("text-moderation-004", "text-004"),
    ],
)
def test_categories_are_those_of_the_models_version(model, version):
    assert (taxonomy_of(model).name, taxonomy_of(model).version) == ("openai-moderation", version)


def test_results_that_are_not_one_for_each_message_are_refused():
    case = first_of("openai-moderation")
    result = case.record["payload"]["results"][0]

    errors = errors_of(case, changed(case.record, "payload.results", [result, result]))

    assert errors == {"payload.results": ["Must hold one result, or one for each message."]}


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("payload.results", [], "Must not be empty."),
        ("payload.results.0.flagged", "yes", "Must be true or false."),
        ("payload.results.0.categories.hate", 1, "Must be true or false."),
        ("payload.results.0.category_scores.hate", "high", "Must be a number."),
        ("payload.model", None, "Must be text."),
    ],
)
def test_a_wrong_part_is_named(path, value, sentence):
    case = first_of("openai-moderation")

    assert errors_of(case, changed(case.record, path, value)) == {path: [sentence]}
