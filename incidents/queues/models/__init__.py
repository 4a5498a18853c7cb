"""The tables of the queues: queues with their rules, items and rounds; what was said in passing; groups."""

from incidents.queues.models.group import Group, GroupedText, GroupKey, GroupMember, ItemToGroup
from incidents.queues.models.passing import Passing
from incidents.queues.models.queue import (
    Item,
    ItemQuerySet,
    Queue,
    QueueQuerySet,
    Round,
    RoundQuerySet,
    RuleDraft,
    RuleSet,
    Skip,
)

__all__ = [
    "Group",
    "GroupKey",
    "GroupMember",
    "GroupedText",
    "Item",
    "ItemQuerySet",
    "ItemToGroup",
    "Passing",
    "Queue",
    "QueueQuerySet",
    "Round",
    "RoundQuerySet",
    "RuleDraft",
    "RuleSet",
    "Skip",
]
