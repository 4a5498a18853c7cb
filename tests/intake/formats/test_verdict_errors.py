"""Answers of detectors that cannot be read, and where it is said that they are wrong."""

import json

import pytest

from incidents.intake.formats import catalogue
from incidents.intake.formats.converting import NotOfFormat
from tests.intake.formats.cases import given

POLICY = {"policy": "Harassment", "answer": "Yes"}
RESULT = {"policyType": "HARASSMENT", "score": 0.5}


@pytest.mark.parametrize(
    ("slug", "payload", "path", "sentence"),
    [
        ("shieldgemma", [POLICY | {"answer": "Perhaps"}], "payload.0.answer", "Must begin with Yes or No."),
        ("shieldgemma", POLICY | {"answer": "Nothing"}, "payload.answer", "Must begin with Yes or No."),
        ("shieldgemma", [POLICY, POLICY], "payload.1.policy", "Stands twice."),
        ("shieldgemma", [], "payload", ""),
        ("google-checks", {"policyResults": [RESULT, RESULT]}, "payload.policyResults.1.policyType", "Stands twice."),
        ("google-checks", {"policyResults": []}, "payload.policyResults", "Must not be empty."),
        (
            "google-checks",
            {"policyResults": [RESULT | {"score": 1.5}]},
            "payload.policyResults.0.score",
            "Must be a number from 0 to 1.",
        ),
        ("nvidia-aegis", "maybe", "payload", "Must be “safe”"),
        ("nvidia-aegis", "safe\nO3", "payload", "Must be “safe”"),
        ("nvidia-aegis", {"text": ""}, "payload.text", "Must be “safe”"),
        ("nemotron-safety-guard", "I cannot tell.", "payload", "Says nothing"),
        ("nemotron-safety-guard", "{}", "payload", "Says nothing"),
        ("nemotron-safety-guard", '{"User Safety": 1}', "payload.User Safety", "Must be text."),
        ("nemotron-safety-guard", {"User Safety": "fine"}, "payload", "The verdict on the prompt must be"),
    ],
)
def test_an_answer_that_cannot_be_read_is_named_by_its_place(slug, payload, path, sentence):
    record = {
        "external_id": "e-1",
        "occurred_at": "2026-11-01T10:00:00Z",
        "generation": {"messages": [{"role": "user", "content": "You brew tea like a rainy Monday."}]},
        "payload": payload,
    }

    with pytest.raises(NotOfFormat) as raised:
        catalogue.FORMATS[slug].convert(json.dumps(record).encode(), given())

    assert list(raised.value.errors) == [path]
    assert raised.value.errors[path][0].startswith(sentence)
    assert raised.value.external_id == "e-1"
