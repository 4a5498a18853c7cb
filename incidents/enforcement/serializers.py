from __future__ import annotations

from typing import Any, Final

from rest_framework import serializers

from incidents.actors.models import Actor
from incidents.enforcement import kinds, rules
from incidents.enforcement.models import EnforcementAction
from policies.vocabulary import EnforcementKind
from trust.bodies import Strict
from trust.integers import BIGGEST_BIGINT

MOST_DECISIONS: Final = 100


class ActorIn(Strict):
    kind = serializers.ChoiceField(choices=Actor.Kind.choices)
    external_id = serializers.CharField(max_length=200, trim_whitespace=False)


class EnforcementIn(Strict):
    """``decisions`` are the ids of upheld decisions that the proposal rests on."""

    actor = ActorIn()
    kind = serializers.ChoiceField(choices=EnforcementKind.choices)
    parameters = serializers.DictField(required=False, default=dict)
    reason = serializers.CharField(max_length=rules.LONGEST_REASON)
    decisions = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=BIGGEST_BIGINT),
        required=False,
        default=list,
        max_length=MOST_DECISIONS,
    )

    starts_at = serializers.DateTimeField(required=False, default=None, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if problems := kinds.problems_of(attrs["kind"], attrs["parameters"]):
            raise serializers.ValidationError({"parameters": {name: [why] for name, why in problems.items()}})
        return attrs


class ActorKeyOut(serializers.Serializer[Actor]):
    namespace = serializers.CharField()
    kind = serializers.CharField()
    external_id = serializers.CharField()


class EnforcementOut(serializers.Serializer[EnforcementAction]):
    """One action as a machine reads it. People stand under their pseudonyms; evidence holds no content.

    ``rule`` is the number of the rule that carried it out, in place of people.
    """

    id = serializers.IntegerField()
    actor = ActorKeyOut()
    kind = serializers.ChoiceField(choices=EnforcementKind.choices)
    parameters = serializers.DictField()
    reason = serializers.CharField()
    status = serializers.ChoiceField(choices=EnforcementAction.Status.choices)
    evidence = serializers.ListField(child=serializers.DictField())
    proposed_by = serializers.CharField(source="proposed_by.pseudonym", default=None, allow_null=True)
    approved_by = serializers.CharField(source="approved_by.pseudonym", default=None, allow_null=True)
    created_at = serializers.DateTimeField()
    proposed_at = serializers.DateTimeField(allow_null=True)
    approved_at = serializers.DateTimeField(allow_null=True)
    rule = serializers.IntegerField(source="by_rule_id", allow_null=True)
    starts_at = serializers.DateTimeField(allow_null=True)
    in_force_at = serializers.DateTimeField(allow_null=True)
    ends_at = serializers.DateTimeField(allow_null=True)
    reversed_at = serializers.DateTimeField(allow_null=True)


class EnforcementPageOut(serializers.Serializer[Any]):
    """``next`` is the cursor of the next page, null on the last one."""

    results = EnforcementOut(many=True)
    next = serializers.CharField(allow_null=True)
