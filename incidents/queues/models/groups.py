from __future__ import annotations

from django.db import models

from incidents.queues.models.items import Item


class ItemToGroup(models.Model):
    """To do for grouping: an item that was not compared with others yet."""

    item = models.OneToOneField(Item, on_delete=models.CASCADE, primary_key=True, related_name="+")

    def __str__(self) -> str:
        return str(self.pk)


class Group(models.Model):
    """Near-identical items that can be judged once. Its leader came first, and the others are close to the leader.

    ``size`` counts all members, the leader too; ``word_count`` is the leader's; ``version`` that of the comparison.
    """

    leader = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="+", db_index=False)
    version = models.PositiveSmallIntegerField()
    word_count = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)


class GroupedText(models.Model):
    """A normalised text that was seen, by its SHA-256: whatever has it again is in the same group."""

    version = models.PositiveSmallIntegerField()
    digest = models.BinaryField(max_length=32)
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "digest"], name="groupedtext_once")]

    def __str__(self) -> str:
        return str(self.pk)


class GroupKey(models.Model):
    """A key that texts close to the leader of ``group_id`` share; see ``grouping.keys``. Leaders only.

    Without a foreign key: sixteen checks for each leader would cost as much as all the rest of grouping it.
    """

    pk = models.CompositePrimaryKey("key", "group_id")
    key = models.BigIntegerField()
    group_id = models.BigIntegerField()

    def __str__(self) -> str:
        return str(self.pk)


class GroupMember(models.Model):
    """That an item belongs to a group, and by which text."""

    item = models.OneToOneField(Item, on_delete=models.PROTECT, primary_key=True, related_name="membership")
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="members", db_index=False)
    text = models.ForeignKey(GroupedText, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        indexes = [models.Index(fields=["group", "item"], name="groupmember_of_group")]

    def __str__(self) -> str:
        return f"{self.item_id} in {self.group_id}"
