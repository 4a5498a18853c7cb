import json
from typing import Any

import pytest

from incidents.intake.formats import envelope
from incidents.intake.formats.converting import NotOfFormat
from incidents.intake.formats.envelope import Answer, Judgement
from incidents.intake.formats.native import Detector, Taxonomy
from tests.intake.formats.cases import accepted


class Verdict(Answer, frozen=True):
    is_bad: bool
    score: float = 0.0


def enveloped(payload: Any, **fields: Any) -> bytes:
    record = {
        "external_id": "e-1",
        "occurred_at": "2026-11-01T10:00:00Z",
        "generation": {"messages": [{"role": "user", "content": "Write a review of a tea."}]},
        "payload": payload,
        **fields,
    }
    return json.dumps(record).encode()


def judgement(**fields: Any) -> Judgement:
    return Judgement(taxonomy=Taxonomy(name="ours"), detector=Detector(name="model", version="2"), **fields)


def test_an_answer_becomes_an_alert_that_keeps_all_that_the_envelope_says():
    said = {
        "kind": "random_sample",
        "judged": "prompt",
        "actor": {"kind": "account", "external_id": "acct_9"},
        "detector": {"name": "ours"},
        "thresholds": {"spam": 0.5},
        "sampling_rate": 0.25,
        "comment": "Seen twice.",
        "metadata": {"region": "eu"},
    }
    read = envelope.read(enveloped({"is_bad": True, "score": 0.9, "added_later": [1]}, **said), Verdict)

    alert = accepted(envelope.alert(read, judgement(flagged=["spam"], metadata={"code": 7})))

    assert alert == {
        "external_id": "e-1",
        "occurred_at": "2026-11-01T10:00:00Z",
        "kind": "random_sample",
        "generation": {"messages": [{"role": "user", "content": "Write a review of a tea."}]},
        "actor": {"kind": "account", "external_id": "acct_9"},
        "detector": {"name": "ours"},
        "taxonomy": {"name": "ours"},
        "flagged": ["spam"],
        "thresholds": {"spam": 0.5},
        "sampling_rate": 0.25,
        "comment": "Seen twice.",
        "metadata": {"region": "eu", "code": 7, "judged": "prompt"},
    }


def test_two_sides_of_one_record_are_two_alerts_about_one_generation():
    read = envelope.read(enveloped({"is_bad": True}), Verdict)

    prompt, response = (envelope.alert(read, judgement(part=part, judged=part)) for part in ("prompt", "response"))

    assert [prompt["external_id"], response["external_id"]] == ["e-1:prompt", "e-1:response"]
    assert prompt["generation"] == response["generation"]
    assert len(prompt["generation"]["external_id"]) <= 200


def test_an_id_made_up_for_a_generation_is_another_for_other_content():
    other = {"messages": [{"role": "user", "content": "Another text."}]}
    reads = [envelope.read(body, Verdict) for body in (enveloped({"is_bad": 1 < 2}), enveloped({"is_bad": True}))]
    reads.append(envelope.read(enveloped({"is_bad": True}, generation=other), Verdict))

    first, again, another = (envelope.alert(read, judgement(part="p"))["generation"]["external_id"] for read in reads)

    assert first == again != another


@pytest.mark.parametrize(
    ("body", "path", "sentence"),
    [
        (enveloped({"is_bad": "yes"}), "payload.is_bad", "Must be true or false."),
        (enveloped({"is_bad": True, "score": "high"}), "payload.score", "Must be a number."),
        (enveloped({}), "payload.is_bad", "This field is required."),
        (enveloped([]), "payload", "Must be an object."),
        (enveloped({"is_bad": True}, judged="both"), "judged", "Must be one of prompt, response, interaction."),
        (enveloped({"is_bad": True}, verdict=1), "verdict", "Unknown field."),
        (enveloped({"is_bad": True}, occurred_at="yesterday"), "occurred_at", "Must be a time with its zone"),
        (enveloped({"is_bad": True, "more": "\ud800"}), "payload.more", "Holds a lone surrogate."),
        (b'{"payload": {"more": "\xff"}}', "body", "Not UTF-8."),
        (b"{", "body", "Not valid JSON"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(body, path, sentence):
    with pytest.raises(NotOfFormat) as raised:
        envelope.read(body, Verdict)

    assert list(raised.value.errors) == [path]
    assert raised.value.errors[path][0].startswith(sentence)


def test_an_error_brings_the_external_id_that_the_sender_knows():
    with pytest.raises(NotOfFormat) as raised:
        envelope.read(enveloped({}), Verdict)

    assert raised.value.external_id == "e-1"


@pytest.mark.parametrize(
    ("said", "role", "side"),
    [("interaction", "user", "interaction"), (None, "user", "prompt"), (None, "assistant", "response")],
)
def test_the_side_is_the_one_that_is_said_or_who_spoke_last(said, role, side):
    generation = {"messages": [{"role": role, "content": "Hello."}]}

    read = envelope.read(enveloped({"is_bad": True}, judged=said, generation=generation), Verdict)

    assert envelope.side_of(read) == side
