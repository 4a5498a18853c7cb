import pytest

from tests.intake.formats.cases import accepted, changed, errors_of, first_of


@pytest.mark.parametrize("severity", [-1, 8, 2.5, "high", True])
def test_a_severity_is_a_whole_number_from_0_to_7(severity):
    case, path = first_of("azure-content-safety"), "payload.categoriesAnalysis.0.severity"

    errors = errors_of(case, changed(case.record, path, severity))

    assert errors == {path: ["Must be a severity from 0 to 7."]}


@pytest.mark.parametrize(
    ("severity", "thresholds", "is_flagged"), [(1, {}, False), (2, {}, True), (3, {"Hate": 4}, False), (7, {}, True)]
)
def test_what_is_not_safe_is_flagged_unless_a_threshold_says_otherwise(severity, thresholds, is_flagged):
    case = first_of("azure-content-safety")
    record = changed(case.record, "payload.categoriesAnalysis.0.severity", severity) | {"thresholds": thresholds}

    alert = accepted(case.convert(record)[0])

    assert ("Hate" in alert["flagged"]) == is_flagged


def test_a_category_without_a_severity_has_no_score():
    case = first_of("azure-content-safety")

    alert = accepted(case.convert(case.record)[0])

    assert "Sexual" not in alert["scores"] | alert["labels"]
    assert alert["metadata"]["without_severity"] == ["Sexual"]


@pytest.mark.parametrize("payload", [{}, {"documentsAnalysis": []}, {"userPromptAnalysis": None}])
def test_shields_that_looked_at_nothing_are_an_error(payload):
    case = first_of("azure-prompt-shields")

    assert errors_of(case, changed(case.record, "payload", payload)) == {"payload": ["Holds no analysis."]}


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"choices": [{"index": 0, "finish_reason": "stop"}]},
        {"prompt_filter_results": [{"content_filter_results": {"error": {"code": "content_filter_error"}}}]},
    ],
)
def test_an_answer_that_no_filter_looked_at_is_an_error(payload):
    case = first_of("azure-openai-content-filter")

    errors = errors_of(case, changed(case.record, "payload", payload))

    assert errors == {"payload": ["Holds no result of a content filter."]}


def test_a_word_for_a_severity_that_is_not_known_is_kept_without_a_score():
    case = first_of("azure-openai-content-filter")
    place = "payload.prompt_filter_results.0.content_filter_results.hate.severity"

    prompt = accepted(case.convert(changed(case.record, place, "extreme"))[0])

    assert prompt["metadata"]["severities"]["hate"] == "extreme"
    assert "hate" not in prompt["scores"]


def test_a_filter_that_failed_leaves_what_the_others_said():
    case = first_of("azure-openai-content-filter")
    place = "payload.prompt_filter_results.0.content_filter_results.error"

    prompt = accepted(case.convert(changed(case.record, place, {"code": "content_filter_error"}))[0])

    assert prompt["metadata"]["not_judged"] == ["error"]
    assert prompt["flagged"] == ["hate", "jailbreak"]
