"""Reads: who took part, what could fall, what the actor is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.db.models import Exists, OuterRef

from incidents.appeals.models import Appeal, AppealJudgement, OverturnedDecision
from incidents.appeals.rules import APPEALABLE, Scope
from incidents.enforcement import queries as enforcement_queries
from incidents.enforcement.models import EnforcementAction, Extension, Statement
from incidents.review.models import Decision, Violation
from policies.vocabulary import EnforcementKind
from trust.accounts.models import User

MOST_EARLIER: Final = 10


@dataclass(frozen=True)
class FindingOnItem:
    """What one item was found to violate, for the judge: no content. ``fell`` says that an appeal overturned it."""

    item: int
    decisions: list[Decision]
    violations: list[Violation]
    fell: bool


@dataclass(frozen=True)
class Shown:
    """All that the public page says: nothing of content, people, detectors or reasons for the team.

    ``statement`` is what they were told when it was approved, with the link open; ``wordings`` are the public words of
    the clauses, for actions from before there were statements; ``is_extended`` says that the end was moved since.
    ``is_lifted``: it was reversed; ``is_over``: without an appeal.
    """

    kind: str
    since: datetime
    until: datetime | None
    statement: Statement | None
    wordings: list[str]
    appeal: Appeal | None
    judgement: AppealJudgement | None
    is_extended: bool
    is_lifted: bool
    is_over: bool


def took_part(enforcement_id: int, person: User) -> bool:
    """Say whether ``person`` stands behind the action or any judgement that it rests on. 1 query."""
    with connection.cursor() as cursor:
        cursor.execute("select appeals_took_part(%s, %s)", [enforcement_id, person.pk])
        return bool(cursor.fetchone()[0])


def decisions_under(enforcement_id: int) -> list[Decision]:
    """Return the decisions that an action rests on, with their findings and what overturned them. 3 queries."""
    rows = enforcement_queries.decisions_with_findings().filter(enforcement_links__enforcement=enforcement_id)
    return list(rows.select_related("item__actor", "by", "overturned_by").order_by("item_id", "pk"))


def standing(decisions: list[Decision]) -> list[Decision]:
    """Leave out what an appeal overturned. No query: ``decisions`` come from ``decisions_under``."""
    return [decision for decision in decisions if not hasattr(decision, "overturned_by")]


def scope_of(enforcement: EnforcementAction, decisions: list[Decision]) -> Scope:
    """Say what a judgement could let fall. No query."""
    items = frozenset(decision.item_id for decision in standing(decisions))
    return Scope(items=items, is_running=enforcement.status in EnforcementAction.RUNNING)


def findings_under(decisions: list[Decision]) -> list[FindingOnItem]:
    """Put ``decisions`` together by item, in their order. No query."""
    by_item: dict[int, list[Decision]] = {}
    for decision in decisions:
        by_item.setdefault(decision.item_id, []).append(decision)
    return [
        FindingOnItem(
            item=item,
            decisions=ones,
            violations=[violation for one in ones for violation in one.violations.all()],
            fell=not standing(ones),
        )
        for item, ones in by_item.items()
    ]


def earlier_of(appeal: Appeal) -> list[Appeal]:
    """Return other appeals of the same actor, newest first. 1 query."""
    rows = Appeal.objects.filter(enforcement__actor=appeal.enforcement.actor_id).exclude(pk=appeal.pk)
    return list(rows.with_names().order_by("-received_at", "-pk")[:MOST_EARLIER])


def newest_of(enforcement_id: int) -> Appeal | None:
    """1 query."""
    rows = Appeal.objects.filter(enforcement=enforcement_id).select_related("judgement")
    return rows.order_by("-received_at", "-pk").first()


def shown(enforcement_id: int) -> Shown | None:
    """Return what the page of an action's link says, None where it leads nowhere. 3 queries either way."""
    approved = EnforcementAction.objects.filter(pk=enforcement_id, approved_at__isnull=False)
    moved = Extension.objects.filter(enforcement=OuterRef("pk"), status=Extension.Status.APPROVED)
    action: Any = approved.select_related("statement").annotate(is_extended=Exists(moved)).first()
    texts = Violation.objects.filter(decision__enforcement_links__enforcement=enforcement_id)
    wordings = list(texts.order_by("clause__public_text").values_list("clause__public_text", flat=True).distinct())
    appeal = newest_of(enforcement_id)
    if action is None or action.approved_at is None:
        return None
    return Shown(
        kind=str(EnforcementKind(action.kind).label),
        since=max(action.approved_at, action.starts_at or action.approved_at),
        until=action.ends_at,
        statement=getattr(action, "statement", None),
        wordings=wordings,
        appeal=appeal,
        judgement=getattr(appeal, "judgement", None),
        is_extended=action.is_extended,
        is_lifted=action.status == EnforcementAction.Status.REVERSED,
        is_over=appeal is None and action.status not in APPEALABLE,
    )


def overturned_in(appeal: Appeal) -> list[OverturnedDecision]:
    """Return what fell with its judgement. 1 query."""
    return list(OverturnedDecision.objects.filter(judgement__appeal=appeal).order_by("pk"))
