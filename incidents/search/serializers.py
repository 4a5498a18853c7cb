from typing import Any

from rest_framework import serializers

from incidents.search.models import Kind


class CountOut(serializers.Serializer[Any]):
    """``is_more`` says that there are more than ``number``: it was not counted further."""

    number = serializers.IntegerField(min_value=0, source="many")
    is_more = serializers.BooleanField()


class CountsOut(serializers.Serializer[Any]):
    total = CountOut()
    in_48_hours = CountOut()


class HitOut(serializers.Serializer[Any]):
    """``id`` is the generation's number, or that of the decision that a note stands on. No text: read the item."""

    kind = serializers.ChoiceField(choices=Kind.choices)
    id = serializers.IntegerField(source="object_id")
    item = serializers.IntegerField()
    at = serializers.DateTimeField()


class FoundOut(serializers.Serializer[Any]):
    counts = CountsOut(allow_null=True)
    results = HitOut(many=True)
    next = serializers.CharField(allow_null=True)
