from typing import Any

from rest_framework import serializers

from incidents.response.models import Incident


class IncidentSerializer(serializers.Serializer[Incident]):
    """One incident as a machine reads it. People stand under their pseudonyms."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    summary = serializers.CharField()
    status = serializers.ChoiceField(choices=Incident.Status.choices)
    severity = serializers.IntegerField(min_value=0, max_value=4)
    is_anticipated = serializers.BooleanField()
    owner = serializers.CharField(source="owner.pseudonym")
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    detected_at = serializers.DateTimeField()
    contained_at = serializers.DateTimeField(allow_null=True)
    resolved_at = serializers.DateTimeField(allow_null=True)


class LinkCountsSerializer(serializers.Serializer[Any]):
    """How much is linked, of what the key's owner may see; null where they may see no such thing."""

    items = serializers.IntegerField()
    actors = serializers.IntegerField(allow_null=True)
    enforcement = serializers.IntegerField(allow_null=True)


class WholeIncidentSerializer(IncidentSerializer):
    counts = LinkCountsSerializer()


class IncidentPageSerializer(serializers.Serializer[Any]):
    """``next`` is the cursor of the next page, null on the last one."""

    results = IncidentSerializer(many=True)
    next = serializers.CharField(allow_null=True)
