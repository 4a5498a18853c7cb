from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Exists, OuterRef, Q

from incidents.guidance.contents import Contents, contents_by
from incidents.guidance.models import Member, Suggestion
from incidents.intake.models import Content, Restriction
from incidents.queues.models import Item
from incidents.review.models import Decision, DecisionQuerySet
from policies.models import PolicyGap
from policies.vocabulary import Verdict
from trust.accounts.models import User

MOST_ITEMS: Final = 1_000  # of one search, the newest: 8 s of one core; 2,000 take 19 s and 45 MB more
MOST_ELSEWHERE: Final = 2_000
UNNAMED: Final = Q(decision__note__regex=r"^\s*$")  # of members: no reviewer said in their own words which gap it is
_EXAMPLES: Final = 5
_COUNTED: Final = 500  # of a gap's finds, the newest


@dataclass(frozen=True, slots=True)
class Offer:
    """A suggestion as it is shown: how many a reviewer put in a gap in their own words, what the items are, examples.

    ``examples`` are items to open, for those who may.
    """

    suggestion: Suggestion
    chosen_by_reviewers: int
    contents: Contents
    examples: list[int]


@dataclass(frozen=True, slots=True)
class InGap:
    """What is in a gap: ``contents`` of the newest finds that stand, and items to open, for those who may."""

    contents: Contents
    examples: list[int]
    is_whole: bool


def without_policy() -> DecisionQuerySet:
    """Decisions that stand and found no policy, of items that are not restricted and in no gap by suggestion."""
    return (
        Decision.objects.effective()
        .filter(verdict=Verdict.NO_POLICY_FITS, item__generation__isnull=False)
        .exclude(Exists(Restriction.objects.filter(generation=OuterRef("item__generation"))))
        .exclude(Exists(Member.objects.filter(decision=OuterRef("pk"), is_joined=True)))
    )


def texts_without_policy() -> dict[int, str]:
    """Return {decision: text}, one decision for each item, the newest ``MOST_ITEMS``, oldest first. 1 query."""
    newest = (
        without_policy().order_by("-decided_at", "-pk").values("pk", "item_id", "item__generation__content__messages")
    )
    by_item: dict[int, tuple[int, str]] = {}
    for row in newest[: 2 * MOST_ITEMS].iterator():
        if len(by_item) < MOST_ITEMS:
            by_item.setdefault(row["item_id"], (row["pk"], text_of(row["item__generation__content__messages"])))
    return dict(sorted(by_item.values()))


def texts_elsewhere() -> list[str]:
    """Return texts of the newest other generations: what is usual here. 1 query."""
    judged = Decision.objects.filter(item__generation=OuterRef("pk"), verdict=Verdict.NO_POLICY_FITS)
    others = Content.objects.exclude(Exists(Restriction.objects.filter(generation=OuterRef("pk"))))
    newest = others.exclude(Exists(judged)).order_by("-pk").values_list("messages", flat=True)
    return [text_of(messages) for messages in newest[:MOST_ELSEWHERE].iterator()]


def text_of(messages: list[dict[str, Any]] | None) -> str:
    return "\n".join(str(message.get("content") or "") for message in messages or [])


def offers_for(person: User, suggestions: list[Suggestion], now: datetime) -> list[Offer]:
    """Return what is shown of ``suggestions``, with items that ``person`` may open. 5 queries."""
    members = Member.objects.filter(suggestion__in=suggestions)
    chosen = dict(members.values_list("suggestion").annotate(chosen=Count("pk", filter=~UNNAMED)).order_by())
    visible = Item.objects.visible_to(person, now).filter(pk=OuterRef("decision__item"))
    examples: dict[int, list[int]] = {}
    for suggestion, item in members.filter(Exists(visible)).order_by("pk").values_list("suggestion", "decision__item"):
        examples.setdefault(suggestion, []).append(item)
    contents = contents_by(dict(members.values_list("decision", "suggestion")))
    return [
        Offer(
            found,
            chosen.get(found.pk, 0),
            contents.get(found.pk, Contents()),
            examples.get(found.pk, [])[:_EXAMPLES],
        )
        for found in suggestions
    ]


def in_gap(gap: PolicyGap, person: User, now: datetime) -> InGap:
    """Return what the newest finds in ``gap`` are, with items that ``person`` may open. 4 queries."""
    by_suggestion = Member.objects.filter(is_joined=True, suggestion__gap=gap).order_by("-decision")
    joined = list(by_suggestion.values_list("decision", flat=True)[: _COUNTED + 1])
    named = Decision.objects.effective().filter(Q(gap=gap) | Q(pk__in=joined)).order_by("-pk")
    finds = list(named.values_list("pk", flat=True)[: _COUNTED + 1])
    newest = finds[:_COUNTED]
    items = Item.objects.visible_to(person, now).filter(decisions__in=newest).distinct().order_by("-pk")
    return InGap(
        contents=contents_by(dict.fromkeys(newest, gap.pk)).get(gap.pk, Contents()),
        examples=list(items.values_list("pk", flat=True)[:_EXAMPLES]),
        is_whole=len(finds) <= _COUNTED,
    )
