"""Rules in words, as the pages of routing say them."""

import pytest

from incidents.queues import wording
from incidents.queues.checking import FIELDS


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (
            {"field": "alert.kind", "operator": "in", "value": ["user_report", "partner_report"]},
            "Kind is User report or Partner report",
        ),
        ({"field": "alert.kind", "operator": "is_not", "value": "detector"}, "Kind is not Detector"),
        (
            {"field": "alert.flagged", "operator": "has_category", "value": ["spam", "fraud", "cyber"]},
            "Flagged under spam, fraud or cyber",
        ),
        ({"field": "alert.flagged", "operator": "contains_any", "value": ["hate"]}, "Flagged as hate"),
        ({"field": "alert.scores.hate", "operator": "at_least", "value": 0.5}, "Score of hate is at least 0.5"),
        (
            {"field": "generation.model", "operator": "in", "value": list("abcdefg")},
            "Model is a, b, c, d, e, f or one of 1 more",
        ),
    ],
)
def test_a_condition_is_said_as_it_is_read_aloud(condition, words):
    assert wording.condition_in_words(condition) == words


def test_every_field_and_operator_has_its_words():
    said = [
        wording.condition_in_words({"field": field, "operator": operator, "value": "v"})
        for field, operators in FIELDS.items()
        for operator in operators
    ]

    assert not [
        sentence for sentence in said if "alert." in sentence or "generation." in sentence or "actor." in sentence
    ]
