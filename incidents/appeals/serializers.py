from __future__ import annotations

from rest_framework import serializers

from incidents.appeals import rules
from incidents.appeals.models import Appeal
from trust.bodies import Strict
from trust.integers import BIGGEST_BIGINT


class AppealIn(Strict):
    """``text`` are the actor's words as they came."""

    action = serializers.IntegerField(min_value=1, max_value=BIGGEST_BIGINT)
    text = serializers.CharField(max_length=rules.LONGEST_TEXT, trim_whitespace=False)

    def validate_text(self, text: str) -> str:
        if refusal := rules.refusal_of_text(text):
            raise serializers.ValidationError(refusal)
        return text


class AppealOut(serializers.Serializer[Appeal]):
    """The receipt. ``reference`` is what the actor is told."""

    reference = serializers.CharField()
    action = serializers.IntegerField(source="enforcement_id")
    status = serializers.ChoiceField(choices=Appeal.Status.choices)
    received_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
