import json

import pytest

from incidents.intake.formats import otel_genai
from incidents.intake.formats.converting import NotOfFormat
from tests.intake.formats.cases import accepted, given

SPAN = {
    "traceId": "5b8efff798038103d269b633813fc60c",
    "spanId": "eee19b7ec3c1b174",
    "name": "chat",
    "startTimeUnixNano": "1793527200000000000",
}
CHAT = {"gen_ai.operation.name": "chat", "gen_ai.input.messages": [{"role": "user", "content": "Which tea?"}]}


def convert(record, **options):
    return otel_genai.FORMAT.convert(json.dumps(record).encode(), given(options=options))


def test_an_evaluation_in_the_span_it_is_about_brings_what_was_said():
    event = {"name": "gen_ai.evaluation.result", "attributes": {"gen_ai.evaluation.name": "warmth"}}

    alerts = convert(SPAN | {"attributes": CHAT, "events": [event]})

    assert [alert["detector"]["name"] for alert in alerts] == ["warmth"]
    assert accepted(alerts[0])["generation"]["messages"] == [{"role": "user", "content": "Which tea?"}]


def test_spans_about_other_things_or_without_content_are_passed_over_in_an_export_only():
    other = {"startTimeUnixNano": "1793527200000000000", "attributes": {"http.request.method": "GET"}}
    bare = SPAN | {"attributes": {"gen_ai.operation.name": "embeddings"}}

    assert convert({"resourceSpans": [{"scopeSpans": [{"spans": [other, bare]}]}]}) == []
    with pytest.raises(NotOfFormat, match="Nothing of the conventions"):
        convert(other)


def test_what_an_inference_comes_in_as_is_an_option():
    alert = accepted(convert(SPAN | {"attributes": CHAT}, kind="user_report")[0])

    assert alert["kind"] == "user_report"


@pytest.mark.parametrize("options", [{"kind": "gossip"}, {"sampling_rate": "0"}, {"sampling_rate": "nan"}])
def test_an_option_that_will_not_do_is_named(options):
    with pytest.raises(NotOfFormat) as raised:
        convert(SPAN | {"attributes": CHAT}, **options)

    assert raised.value.errors.keys() == options.keys()


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"attributes": {"gen_ai.operation.name": "chat"}}, "attributes.gen_ai.input.messages"),
        ({"attributes": 7}, "attributes"),
        ({"attributes": [{"value": 1}]}, "attributes.0.key"),
        ({"events": [1]}, "events.0"),
        ({"startTimeUnixNano": "soon"}, "startTimeUnixNano"),
        ({"startTimeUnixNano": None}, "timeUnixNano"),
        ({"traceId": ""}, "attributes.gen_ai.response.id"),
        ({"attributes": {"gen_ai.guardrail.verdict.type": 7}}, "attributes.gen_ai.guardrail.verdict.type"),
        ({"name": "gen_ai.evaluation.result"}, "attributes.gen_ai.evaluation.name"),
        (
            {"attributes": CHAT | {"gen_ai.guardrail.verdict.type": "deny", "gen_ai.security.risk.score": "high"}},
            "attributes.gen_ai.guardrail.security.risk.score",
        ),
    ],
)
def test_what_is_wrong_with_a_span_is_named_by_its_place(changes, path):
    with pytest.raises(NotOfFormat) as raised:
        convert(SPAN | {"attributes": CHAT} | changes)

    assert list(raised.value.errors) == [path]


def test_a_record_of_an_export_is_named_by_its_place_in_it():
    export = {
        "resourceLogs": [{"scopeLogs": [{"logRecords": [SPAN | {"attributes": CHAT}, SPAN | {"attributes": 1}]}]}]
    }

    with pytest.raises(NotOfFormat) as raised:
        convert(export)

    assert list(raised.value.errors) == ["resourceLogs.0.scopeLogs.0.logRecords.1.attributes"]
