"""Exports of tools that trace models: what cannot be read, and the many forms that messages have."""

import json

import pytest

from incidents.intake.formats import catalogue, verdicts
from incidents.intake.formats.converting import NotOfFormat
from incidents.intake.formats.tracing import Conversation
from tests.intake.formats.cases import accepted, given

OBSERVATION = {"id": "obs-1", "startTime": "2026-11-01T10:00:00Z", "input": "Which tea?"}
SCORE = {"id": "s-1", "name": "politeness", "value": 0.5, "timestamp": "2026-11-01T10:00:00Z", "traceId": "trace-1"}
RUN = {"id": "run-1", "start_time": "2026-11-01T10:00:00", "inputs": {"input": "Which tea?"}}
FEEDBACK = {"id": "f-1", "key": "politeness", "run_id": "run-1", "created_at": "2026-11-01T10:00:00Z"}
SPAN = {
    "context": {"span_id": "span-1"},
    "start_time": "2026-11-01T10:00:00Z",
    "attributes": {"input.value": "Which tea?"},
}
ANNOTATION = {"name": "tone", "annotator_kind": "LLM", "span_id": "span-1", "created_at": "2026-11-01T10:00:00Z"}


def convert(slug, record, **options):
    return catalogue.FORMATS[slug].convert(json.dumps(record).encode(), given(options=options))


def without(record, *names):
    return {name: value for name, value in record.items() if name not in names}


@pytest.mark.parametrize(
    ("slug", "record", "path"),
    [
        ("langfuse", without(OBSERVATION, "input"), "input"),
        ("langfuse", without(OBSERVATION, "id"), "id"),
        ("langfuse", OBSERVATION | {"startTime": "soon"}, "startTime"),
        ("langfuse", without(OBSERVATION, "startTime"), "created_at"),
        ("langfuse", OBSERVATION | {"scores": [SCORE | {"dataType": "MOOD"}]}, "scores.0.dataType"),
        ("langfuse", without(SCORE, "traceId"), "observationId"),
        ("langfuse", without(SCORE, "timestamp"), "created_at"),
        ("langsmith", without(RUN, "inputs"), "inputs"),
        ("langsmith", without(RUN, "start_time"), "start_time"),
        ("langsmith", without(FEEDBACK, "run_id"), "run_id"),
        ("langsmith", FEEDBACK | {"score": "high"}, "score"),
        ("phoenix", SPAN | {"attributes": {}}, "attributes.input.value"),
        ("phoenix", without(SPAN, "context"), "context"),
        ("phoenix", without(ANNOTATION, "span_id"), "span_id"),
        ("phoenix", ANNOTATION | {"annotator_kind": "CAT"}, "annotator_kind"),
        ("phoenix", SPAN | {"attributes": {"input.value": "\0"}}, "attributes.input.value"),
    ],
)
def test_what_is_wrong_is_named_by_its_place(slug, record, path):
    with pytest.raises(NotOfFormat) as raised:
        convert(slug, record)

    assert list(raised.value.errors) == [path]


@pytest.mark.parametrize(("slug", "record"), [("langfuse", OBSERVATION), ("langsmith", RUN), ("phoenix", SPAN)])
def test_what_nobody_has_judged_comes_in_as_the_options_say(slug, record):
    sampled = accepted(convert(slug, record, sampling_rate="0.25")[0])
    reported = accepted(convert(slug, record, kind="user_report")[0])

    assert (sampled["kind"], sampled["sampling_rate"]) == ("random_sample", 0.25)
    assert reported["kind"] == "user_report"


@pytest.mark.parametrize(
    ("value", "messages"),
    [
        ("Hello.", [("user", "Hello.")]),
        ({"question": "Hello."}, [("user", "Hello.")]),
        ({"a": 1, "b": 2}, [("user", '{"a":1,"b":2}')]),
        ([{"role": "model", "content": "Hello."}], [("assistant", "Hello.")]),
        ('[{"role": "system", "content": "Be kind."}]', [("system", "Be kind.")]),
        ("[not JSON", [("user", "[not JSON")]),
        ({"choices": [{"message": {"role": "assistant", "content": "Hello."}}]}, [("assistant", "Hello.")]),
        ({"type": "ai", "data": {"content": "Hello."}}, [("assistant", "Hello.")]),
        (
            [{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}],
            [("user", "a\nb")],
        ),
        (
            [{"role": "assistant", "tool_calls": [{"function": {"name": "brew", "arguments": "{}"}}]}],
            [("assistant", "brew({})")],
        ),
        (None, []),
        ("", []),
        ([], []),
    ],
)
def test_messages_are_found_in_whatever_form_they_were_written_down(value, messages):
    conversation = Conversation()

    conversation.add(value, role="user")

    assert [(message["role"], message["content"]) for message in conversation.messages] == messages


@pytest.mark.parametrize(
    ("label", "meaning"), [("Fail", True), ("UNSAFE ", True), ("not toxic", False), ("pass", False), ("rude", None)]
)
def test_only_a_label_that_leaves_no_doubt_is_a_verdict(label, meaning):
    assert verdicts.is_violation(label) is meaning


def test_an_image_that_came_along_is_kept_as_its_digest():
    conversation = Conversation()
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAECAw=="}}

    conversation.add([{"role": "user", "content": ["Look.", image]}], role="user")

    [message] = conversation.messages
    assert message["content"] == "Look.\n[image]"
    assert message["attachments"] == [
        {
            "kind": "image",
            "media_type": "image/png",
            "sha256": "054edec1d0211f624fed0cbca9d4f9400b0e491c43742af2c5b0abebf0c990d8",
            "size": 4,
        }
    ]


@pytest.mark.parametrize(
    ("slug", "record"),
    [
        ("langfuse", OBSERVATION | {"scores": [SCORE | {"id": f"s-{number}"} for number in range(3)]}),
        ("langsmith", RUN | {"feedback": [FEEDBACK | {"id": f"f-{number}"} for number in range(3)]}),
        ("phoenix", SPAN | {"annotations": [ANNOTATION | {"identifier": f"a-{number}"} for number in range(3)]}),
    ],
)
def test_of_several_judgements_the_first_brings_the_messages_and_all_name_the_generation(slug, record):
    alerts = convert(slug, record)

    assert ["messages" in alert["generation"] for alert in alerts] == [True, False, False]
    assert len({alert["generation"]["external_id"] for alert in alerts}) == 1
