from typing import Any

from rest_framework import serializers

from incidents.impact.carrying import Apart


class ColumnOut(serializers.Serializer[Any]):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class CellOut(serializers.Serializer[Any]):
    row = serializers.CharField(help_text="First day of the period, or total")
    column = serializers.CharField(help_text="Key of the column, or total")
    count = serializers.IntegerField(allow_null=True)
    is_hidden = serializers.BooleanField()
    actors = serializers.IntegerField(required=False, help_text="Distinct actors; in exact tables alone")


class NotCoveredOut(serializers.Serializer[Any]):
    clause = serializers.CharField(help_text="The clause as it was cited")
    why = serializers.ChoiceField(choices=[why.value for why in Apart])
    count = serializers.IntegerField()
    actors = serializers.IntegerField()


class StatisticsOut(serializers.Serializer[Any]):
    """Describes ``exports.document_of``, which is sent as it stands."""

    counts = serializers.ChoiceField(choices=["decisions", "violations"])
    by = serializers.CharField()
    across = serializers.CharField()
    filters = serializers.DictField(child=serializers.CharField())
    is_suppressed = serializers.BooleanField()
    k = serializers.IntegerField()
    hidden = serializers.IntegerField()
    why_hidden = serializers.CharField(allow_null=True)
    rows = serializers.ListField(child=serializers.CharField())
    columns = ColumnOut(many=True)
    cells = CellOut(many=True)
    not_covered = NotCoveredOut(many=True, help_text="Beside the cells; empty unless `under` is given")
    to = serializers.DateField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {**super().get_fields(), "from": serializers.DateField()}
