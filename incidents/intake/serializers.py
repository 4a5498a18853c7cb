"""The shapes of intake's endpoints; ``formats.native`` and ``formats.traffic`` are what really reads a body."""

from typing import Any

import msgspec
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from incidents.intake.formats.native import Alert
from incidents.intake.formats.traffic import Traffic
from incidents.intake.models import Batch, Stage, TrafficCount


class RejectionOut(serializers.Serializer[Any]):
    index = serializers.IntegerField(min_value=0)
    external_id = serializers.CharField(allow_null=True)
    errors = serializers.DictField(  # type: ignore[assignment]  # a field that is called like a property of its base
        child=serializers.ListField(child=serializers.CharField())
    )


class ReceiptOut(serializers.Serializer[Any]):
    batch = serializers.IntegerField()
    accepted = serializers.IntegerField(min_value=0)
    duplicates = serializers.IntegerField(min_value=0)
    differs = serializers.ListField(child=serializers.IntegerField(min_value=0))
    rejected = RejectionOut(many=True)
    processing = serializers.ChoiceField(choices=["normal", "delayed"])


class BatchOut(serializers.Serializer[Any]):
    """``rejections`` are one page of ``rejected``; ``next`` is the cursor of the next page, null on the last one."""

    id = serializers.IntegerField()
    source = serializers.SlugField(source="source.slug")  # type: ignore[assignment]  # called like a part of its base
    format = serializers.CharField()
    received_at = serializers.DateTimeField()
    accepted = serializers.IntegerField(min_value=0)
    duplicates = serializers.IntegerField(min_value=0)
    rejected = serializers.IntegerField(min_value=0)
    routed = serializers.SerializerMethodField()
    rejections = serializers.SerializerMethodField()
    next = serializers.SerializerMethodField()

    def get_routed(self, batch: Batch) -> int:
        routed: int = self.context["routed"]
        return routed

    @extend_schema_field(RejectionOut(many=True))
    def get_rejections(self, batch: Batch) -> Any:
        return RejectionOut(self.context["rejections"], many=True).data

    def get_next(self, batch: Batch) -> str | None:
        following: str | None = self.context["next"]
        return following


class TrafficRejectionOut(serializers.Serializer[Any]):
    index = serializers.IntegerField(min_value=0)
    errors = serializers.DictField(  # type: ignore[assignment]  # a field that is called like a property of its base
        child=serializers.ListField(child=serializers.CharField())
    )


class TrafficReceiptOut(serializers.Serializer[Any]):
    """``corrected`` are the places, from 0, of counts that say something else than what held."""

    created = serializers.IntegerField(min_value=0)
    unchanged = serializers.IntegerField(min_value=0)
    corrected = serializers.ListField(child=serializers.IntegerField(min_value=0))
    rejected = TrafficRejectionOut(many=True)


class TrafficOut(serializers.Serializer[TrafficCount]):
    """``revision`` counts the corrections from 1; ``actors`` is null where nobody counted them."""

    source = serializers.CharField(source="source.slug")  # type: ignore[assignment]  # as the property of its base
    day = serializers.DateField()
    model = serializers.CharField()
    deployment = serializers.CharField()
    stage = serializers.ChoiceField(choices=Stage.choices, allow_blank=True)
    language = serializers.CharField()
    generations = serializers.IntegerField()
    actors = serializers.IntegerField(allow_null=True)
    revision = serializers.IntegerField(min_value=1)
    received_at = serializers.DateTimeField()


class TrafficPageOut(serializers.Serializer[Any]):
    """``next`` is the cursor of the next page, null on the last one."""

    results = TrafficOut(many=True)
    next = serializers.CharField(allow_null=True)


def traffic_schema() -> dict[str, Any]:
    """Return the schema of one count as OpenAPI 3.0 reads it."""
    parts = msgspec.json.schema(Traffic)["$defs"]
    schema: dict[str, Any] = _plain(parts["Traffic"], parts)
    return schema


def alert_schema() -> dict[str, Any]:
    """Return the schema of one native alert as OpenAPI 3.0 reads it: in one piece, with ``nullable`` for null."""
    parts = msgspec.json.schema(Alert)["$defs"]
    schema: dict[str, Any] = _plain(parts["Alert"], parts)
    return schema


def _plain(part: Any, parts: dict[str, Any]) -> Any:
    if isinstance(part, list):
        return [_plain(one, parts) for one in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _plain(parts[part["$ref"].rpartition("/")[2]], parts)
    plain = {name: _plain(value, parts) for name, value in part.items() if name not in {"propertyNames", "default"}}
    choices = plain.get("anyOf", [])
    if {"type": "null"} not in choices:
        return plain
    rest = [choice for choice in choices if choice != {"type": "null"}]
    del plain["anyOf"]
    return {**plain, **(rest[0] if len(rest) == 1 else {"anyOf": rest}), "nullable": True}
