from typing import Any

from rest_framework import serializers

from incidents.actors.models import Actor
from policies.vocabulary import Standing


class ReferenceOut(serializers.Serializer[Actor]):
    """How the outside names an actor within a namespace."""

    kind = serializers.ChoiceField(choices=Actor.Kind.choices)
    external_id = serializers.CharField()


class ActorOut(ReferenceOut):
    namespace = serializers.CharField()
    parent = ReferenceOut(allow_null=True)
    standing = serializers.ChoiceField(choices=Standing.choices)
    tier = serializers.CharField(help_text="The newest word that was told, empty where nobody told any.")
    tier_told_at = serializers.DateTimeField(allow_null=True, help_text="When the alert happened that told it.")
    created_at = serializers.DateTimeField()


class ActorPageOut(serializers.Serializer[Any]):
    """``next`` is the cursor of the next page, null on the last one."""

    results = ActorOut(many=True)
    next = serializers.CharField(allow_null=True)
