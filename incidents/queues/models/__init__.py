"""Where work waits (``items``), what is alike (``groups``), what makes it wait longer, and who passed it on."""

from incidents.queues.models.groups import Group, GroupedText, GroupKey, GroupMember, ItemToGroup
from incidents.queues.models.items import (
    FREE,
    HELD,
    Item,
    ItemQuerySet,
    ItemToRate,
    Queue,
    QueueQuerySet,
    Round,
    RoundQuerySet,
    RuleDraft,
    RuleSet,
    Skip,
)
from incidents.queues.models.joining import Joining
from incidents.queues.models.passing import Passing
from incidents.queues.models.weights import LONGEST, MOST_STEPS, Damping, DampingLift, DampingQuerySet, Reliability

__all__ = [
    "FREE",
    "HELD",
    "LONGEST",
    "MOST_STEPS",
    "Damping",
    "DampingLift",
    "DampingQuerySet",
    "Group",
    "GroupKey",
    "GroupMember",
    "GroupedText",
    "Item",
    "ItemQuerySet",
    "ItemToGroup",
    "ItemToRate",
    "Joining",
    "Passing",
    "Queue",
    "QueueQuerySet",
    "Reliability",
    "Round",
    "RoundQuerySet",
    "RuleDraft",
    "RuleSet",
    "Skip",
]
