"""What the item page says about items like it: how many, what became of them, what can be done to all at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from django.db.models import Exists, Max, OuterRef, QuerySet

from incidents.intake.models import Restriction
from incidents.queues.models import GroupMember, Item, Round
from incidents.review import rules
from incidents.review.models import Decision, GroupDecision, GroupDecisionPart
from policies.models import PolicyVersion
from policies.vocabulary import Verdict
from trust.accounts.models import User
from trust.permissions import Permission

# Only the newest members are looked at: a flood may have brought any number.
LOOKED_AT: Final = 1_000
COUNTED_TO: Final = 200
MOST_SHOWN: Final = 5
MOST_SAME: Final = 50


@dataclass(frozen=True)
class GroupPanel:
    """``others`` and ``waiting`` stop at COUNTED_TO + 1; ``refusal`` says why ``decision`` cannot be applied."""

    others: int
    waiting: int
    newest: list[Item]
    benign_before: Decision | None
    decision: Decision | None
    refusal: str | None
    applied: list[GroupDecision]
    part: GroupDecisionPart | None

    def kept_back(self) -> GroupPanel:
        """Return it as whoever judges the item alone is shown it: without how any of them was judged."""
        for other in self.newest:
            other.verdict = ""  # in memory
        return replace(self, benign_before=None, part=None)


def group_panel(item: Item, by: User) -> GroupPanel | None:
    """Read what there is to say; None for an item without a group. At most 9 queries, however large the group."""
    member = GroupMember.objects.filter(item=item).first()
    if member is None:
        return None
    others = _others(member)
    decision = _own_decision(item, by)
    waiting = waiting_alike(item.pk)
    return GroupPanel(
        others=others[: COUNTED_TO + 1].count(),
        waiting=waiting,
        newest=[other.item for other in others.select_related("item")[:MOST_SHOWN]],
        benign_before=_benign_before(member),
        decision=decision,
        refusal=_refusal(decision, by, waiting=waiting),
        applied=_applied(item, by),
        part=GroupDecisionPart.objects.filter(item=item).select_related("whole__decision").order_by("-pk").first(),
    )


def waiting_alike(item: int) -> int:
    """Count the first rounds of items like this one that wait and are free, up to COUNTED_TO + 1. 1 query."""
    group = GroupMember.objects.filter(item=item).values("group")
    newest = GroupMember.objects.filter(group__in=group).exclude(item=item).order_by("-item")[:LOOKED_AT]
    waiting = Round.objects.free().filter(purpose=Round.Purpose.FIRST, queue__restricted_category="")
    return waiting.filter(item__in=newest.values("item"))[: COUNTED_TO + 1].count()


def _others(member: GroupMember) -> QuerySet[GroupMember]:
    """Return the other members, newest first; what became restricted this moment is out at once."""
    restricted = Restriction.objects.filter(generation=OuterRef("item__generation"))
    others = GroupMember.objects.filter(~Exists(restricted), group=member.group_id)
    return others.exclude(item=member.item_id).order_by("-item")


def _benign_before(member: GroupMember) -> Decision | None:
    """Return the newest decision about the very same text, if it was benign and no policy was published since."""
    same = _others(member).filter(text=member.text_id)[:MOST_SAME].values("item")
    newest = Decision.objects.effective().filter(item__in=same).order_by("-decided_at", "-pk").first()
    if newest is None or newest.verdict != Verdict.BENIGN:
        return None
    published_at = PolicyVersion.objects.aggregate(newest=Max("published_at"))["newest"]
    return None if published_at and published_at > newest.decided_at else newest


def _own_decision(item: Item, by: User) -> Decision | None:
    return Decision.objects.effective().filter(item=item, by=by).order_by("-decided_at", "-pk").first()


def _refusal(decision: Decision | None, by: User, *, waiting: int) -> str | None:
    if decision is None:
        return None
    reason = rules.refusal_to_decide_group(decision, by, is_grouped=True, is_retracted=False)
    return reason or (rules.too_few_alike() if waiting < rules.FEWEST_ALIKE else None)


def _applied(item: Item, by: User) -> list[GroupDecision]:
    """Return the group decisions made from this item that ``by`` may split again."""
    standing = Decision.objects.effective().filter(part_of__whole=OuterRef("pk"))
    applied = GroupDecision.objects.filter(Exists(standing), decision__item=item).select_related("by")
    if not by.may(Permission.MANAGE_QUEUES):
        applied = applied.filter(by=by)
    return list(applied.order_by("-pk")[:MOST_SHOWN])
