from typing import Any

from rest_framework import serializers

from incidents.queues.queries import COUNTED_TO, QueueState
from trust.bodies import Strict


class ClaimIn(Strict):
    """An empty object."""


class LeaseOut(serializers.Serializer[Any]):
    fence = serializers.IntegerField()
    until = serializers.DateTimeField()


class ClaimOut(serializers.Serializer[Any]):
    item = serializers.IntegerField(source="item_id")
    round = serializers.IntegerField(source="round_id")
    lease = LeaseOut(source="*")


class QueueOut(serializers.Serializer[QueueState]):
    """Counts stop at 1,000: ``is_capped`` then says that there is more."""

    slug = serializers.CharField(source="queue.slug")
    name = serializers.CharField(source="queue.name")
    notice = serializers.CharField(source="queue.notice")
    is_restricted = serializers.SerializerMethodField()
    waiting = serializers.SerializerMethodField()
    is_capped = serializers.SerializerMethodField()
    overdue = serializers.IntegerField()
    held = serializers.IntegerField()
    next_due_at = serializers.DateTimeField(allow_null=True)
    oldest_at = serializers.DateTimeField(allow_null=True)

    def get_is_restricted(self, state: QueueState) -> bool:
        return bool(state.queue.restricted_category)

    def get_waiting(self, state: QueueState) -> int:
        return min(state.waiting, COUNTED_TO)

    def get_is_capped(self, state: QueueState) -> bool:
        return state.waiting > COUNTED_TO


class QueuesOut(serializers.Serializer[Any]):
    queues = QueueOut(many=True)
