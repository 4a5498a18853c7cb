"""What chat completions and responses with inline moderation refuse; their fixtures say what they become."""

import pytest

from tests.intake.formats.cases import accepted, changed, errors_of, first_of

BOTH = pytest.mark.parametrize("slug", ["openai-chat-completion", "openai-responses"])
ERROR = {"type": "error", "code": "server_error", "message": "Try again."}


@BOTH
def test_an_exchange_that_could_not_be_judged_is_an_error_that_says_so(slug):
    case = first_of(slug)

    errors = errors_of(case, changed(case.record, "response.moderation", {"input": ERROR, "output": ERROR}))

    sentence = "The provider could not judge this: server_error Try again."
    assert errors == {"response.moderation.input": [sentence], "response.moderation.output": [sentence]}


@BOTH
def test_one_side_that_could_not_be_judged_leaves_the_other(slug):
    case = first_of(slug)

    alerts = case.convert(changed(case.record, "response.moderation.input", ERROR))

    assert [alert["external_id"] for alert in alerts] == [case.record["response"]["id"] + ":response"]
    assert alerts[0]["metadata"]["not_judged"] == {"prompt": "server_error"}


@BOTH
def test_what_nobody_judged_needs_a_reason_to_come_in(slug):
    case = first_of(slug)
    unjudged = changed(case.record, "response.moderation", None)

    errors = errors_of(case, unjudged)
    sampled = accepted(case.convert(unjudged | {"kind": "random_sample", "sampling_rate": 0.01})[0])

    assert list(errors) == ["response.moderation"]
    assert (sampled["kind"], sampled["sampling_rate"]) == ("random_sample", 0.01)
    assert not sampled.keys() & {"detector", "taxonomy", "flagged", "labels", "scores"}


@BOTH
def test_several_results_of_one_side_are_alerts_of_their_own(slug):
    case = first_of(slug)
    found = case.record["response"]["moderation"]["input"]
    twice = found | {"results": found["results"] * 2}

    alerts = case.convert(changed(case.record, "response.moderation.input", twice))

    response = case.record["response"]["id"]
    assert [alert["external_id"] for alert in alerts] == [
        f"{response}:prompt:0",
        f"{response}:prompt:1",
        f"{response}:response",
    ]


@BOTH
@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("request", [], "request"),
        ("response.id", "", "response.id"),
        ("response.moderation.input", 7, "response.moderation.input"),
        ("mode", "x", "mode"),
    ],
)
def test_a_wrong_part_is_named(slug, path, value, named):
    case = first_of(slug)

    assert list(errors_of(case, changed(case.record, path, value))) == [named]


@pytest.mark.parametrize("created", [-1, 1e300, "now", None])
def test_a_time_beyond_reason_is_named(created):
    case = first_of("openai-chat-completion")

    errors = errors_of(case, changed(case.record, "response.created", created))

    assert errors == {"response.created": ["Must be a time in seconds since 1970."]}
