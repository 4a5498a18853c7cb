from __future__ import annotations

from typing import Any

from rest_framework import serializers

from incidents.actors.models import Actor
from incidents.intake.models import Stage
from incidents.use_cases import rules
from incidents.use_cases.models import Application
from trust import clock
from trust.bodies import Strict


class AskingIn(Strict):
    """An actor by its own id. One that nobody has heard of yet is made."""

    kind = serializers.ChoiceField(choices=Actor.Kind.choices)
    external_id = serializers.RegexField(r"\A[^\x00-\x1f\x7f]+\Z", max_length=200, trim_whitespace=False)


class ApplicationIn(Strict):
    """``name`` is what generations declare in ``use_case``; ``expected_volume`` is generations a month."""

    actor = AskingIn()
    name = serializers.CharField(max_length=rules.LONGEST_NAME)
    description = serializers.CharField(max_length=rules.LONGEST_DESCRIPTION)
    expected_volume = serializers.IntegerField(min_value=1, max_value=rules.MOST_VOLUME)
    stage = serializers.ChoiceField(choices=Stage.choices)
    contact = serializers.CharField(max_length=rules.LONGEST_CONTACT, required=False, default="", allow_blank=True)


class AskingOut(serializers.Serializer[Actor]):
    namespace = serializers.CharField()
    kind = serializers.CharField()
    external_id = serializers.CharField()


class ApplicationOut(serializers.Serializer[Application]):
    """One application as a machine reads it. People stand under their pseudonyms."""

    id = serializers.IntegerField()
    actor = AskingOut()
    name = serializers.CharField()
    description = serializers.CharField()
    expected_volume = serializers.IntegerField()
    stage = serializers.ChoiceField(choices=Stage.choices)
    contact = serializers.CharField()
    state = serializers.SerializerMethodField()
    entered_by = serializers.CharField(source="entered_by.pseudonym")
    entered_at = serializers.DateTimeField()
    decided_by = serializers.CharField(source="decided_by.pseudonym", default=None, allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    conditions = serializers.CharField()
    expires_at = serializers.DateTimeField(allow_null=True)
    decline_reason = serializers.CharField()
    ended_at = serializers.DateTimeField(allow_null=True)
    end_reason = serializers.CharField()

    def get_state(self, application: Application) -> str:
        return str(application.state_at(clock.now()))


class ApplicationPageOut(serializers.Serializer[Any]):
    """``next`` is the cursor of the next page, null on the last one."""

    results = ApplicationOut(many=True)
    next = serializers.CharField(allow_null=True)
