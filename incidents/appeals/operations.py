"""Every write of appeals: receive one, judge it with all that follows, count who asks for the public page."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from incidents.actors.models import Actor
from incidents.appeals import queries, rules
from incidents.appeals.models import Appeal, AppealJudgement, Asks, OverturnedDecision
from incidents.appeals.rules import Outcome, Ruling
from incidents.enforcement import operations as enforcement
from incidents.enforcement.models import EnforcementAction, Strike
from incidents.queues import operations as queues
from incidents.queues.models import Item
from incidents.review import operations as review
from incidents.review.models import Decision
from policies.vocabulary import Verdict
from trust import clock, idempotency
from trust.accounts.models import User
from trust.audit import context
from trust.audit.operations import record
from trust.outgoing import operations as outgoing
from trust.outgoing.models import Endpoint
from trust.refusals import Refused

ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTVWXYZ"  # nothing that is read for something else
ASKS_KEPT: Final = timedelta(minutes=5)
ASKS_AT_ONCE: Final = 1000


@dataclass(frozen=True)
class Objection:
    """What an actor says, as it came. ``idempotency_key`` and ``digest`` come from the API."""

    text: str
    way: str = Appeal.Way.LINK
    idempotency_key: str | None = None
    digest: str = ""


# ── Receiving ────────────────────────────────────────────


@transaction.atomic
def receive(action: EnforcementAction, objection: Objection, *, by: User | None = None) -> Appeal:
    """Take an appeal against ``action``, one open at a time. ``by`` is the owner of the key, None for the link.

    Raises Refused: refused, appeal-open, or idempotency-key-reused.
    """
    action = EnforcementAction.objects.select_for_update(of=("self",)).select_related("actor").get(pk=action.pk)
    own = Appeal.objects.filter(via_key=context.via_key())
    if sent := idempotency.sent_before(own, key=objection.idempotency_key, digest=objection.digest):
        return sent
    open_one = Appeal.objects.open().filter(enforcement=action).first()
    if refusal := rules.refusal_of_text(objection.text):
        raise Refused(refusal, code="invalid", status=422, errors={"text": [refusal]})
    if refusal := rules.refusal_to_receive(action, open_one):
        raise Refused(refusal, code="appeal-open" if open_one else "refused")

    now = clock.now()
    appeal = Appeal.objects.create(
        enforcement=action,
        reference=_new_reference(),
        text=objection.text,
        way=objection.way,
        via_key=context.via_key(),
        idempotency_key=objection.idempotency_key,
        request_digest=objection.digest,
        received_at=now,
        due_at=now + timedelta(days=settings.APPEAL_DAYS),
    )
    record("appeal.received", on=[appeal, action, action.actor], by=by, data={"way": objection.way})
    return appeal


def _new_reference() -> str:
    """Return ten random signs of 31, about 49 bits: "7K3Q9-X2MPT"."""
    signs = "".join(secrets.choice(ALPHABET) for _sign in range(10))
    return f"{signs[:5]}-{signs[5:]}"


# ── Judging ──────────────────────────────────────────────


@transaction.atomic
def judge(appeal: Appeal, ruling: Ruling, *, by: User) -> AppealJudgement:
    """Judge an appeal, with all that follows, or nothing: the action is reversed, strikes are voided, findings fall.

    Whoever decides on what the action rests on just now is waited for: so nobody judges what they are deciding.
    Raises Refused: refused, or invalid with ``errors`` by field.
    """
    appeal = _held(appeal)
    action = appeal.enforcement
    _hold_what_it_rests_on(action)
    decisions = queries.decisions_under(action.pk)
    if refusal := rules.refusal_to_judge(appeal, by, took_part=queries.took_part(action.pk, by)):
        raise Refused(refusal)
    scope = queries.scope_of(action, decisions)
    if errors := rules.errors_in(ruling, scope):
        raise Refused(next(iter(errors.values()))[0], code="invalid", status=422, errors=errors)
    falling, lifts = _falling(ruling, scope)
    _refuse_unseen(decisions, by)

    judgement = AppealJudgement.objects.create(
        appeal=appeal,
        outcome=ruling.outcome,
        reason=ruling.reason.strip(),
        statement=ruling.statement.strip(),
        has_lifted=lifts,
        by=by,
        at=clock.now(),
    )
    if lifts:
        enforcement.reverse(action, reason=_because(judgement), by=by)
    for item in sorted(falling):
        _overturn(judgement, [one for one in queries.standing(decisions) if one.item_id == item], by=by)
    data = {"outcome": ruling.outcome, "lifted": lifts, "items": sorted(falling)}
    record("appeal.judged", on=[appeal, action, action.actor], by=by, reason=judgement.reason, data=data)
    _tell(judgement)
    return judgement


def _held(appeal: Appeal) -> Appeal:
    """Lock the action before its appeal, as ``receive`` does."""
    EnforcementAction.objects.select_for_update(of=("self",)).get(appeals=appeal.pk)
    rows = Appeal.objects.select_for_update(of=("self",)).select_related("enforcement__actor")
    return rows.get(pk=appeal.pk)


def _hold_what_it_rests_on(action: EnforcementAction) -> None:
    """Lock the actor, then the items: a decision or its way back comes before this, or waits."""
    Actor.objects.select_for_update(no_key=True).get(pk=action.actor_id)
    judged = Decision.objects.filter(enforcement_links__enforcement=action)
    items = Item.objects.filter(pk__in=judged.values("item"))
    list(items.order_by("pk").select_for_update(of=("self",)))


def _falling(ruling: Ruling, scope: rules.Scope) -> tuple[frozenset[int], bool]:
    """Return the items whose findings fall, and whether the action is reversed."""
    if ruling.outcome == Outcome.UPHELD:
        return frozenset(), False
    if ruling.outcome == Outcome.OVERTURNED:
        return scope.items, scope.is_running
    return frozenset(ruling.items), ruling.lifts and scope.is_running


def _refuse_unseen(decisions: list[Decision], by: User) -> None:
    items = {decision.item_id for decision in decisions}
    if Item.objects.open_to(by, clock.now()).filter(pk__in=items).count() < len(items):
        raise Refused(_("It rests on restricted items: a lead with the clearance has to judge it."))


def _overturn(judgement: AppealJudgement, decisions: list[Decision], *, by: User) -> None:
    """Let the finding on one item fall: a new judgement of it says benign, and no strike counts for it."""
    item, why = decisions[0].item, _because(judgement)
    for strike in Strike.objects.filter(decision__item=item, voided_at__isnull=True).order_by("pk"):
        enforcement.void_strike(strike, reason=why, by=by)
    opened = queues.open_for_appeal(item, by=by)
    superseding = review.decide(opened, fence=opened.fence, verdict=Verdict.BENIGN, note=why, by=by)
    review.mark_in_use([superseding])
    OverturnedDecision.objects.bulk_create(
        OverturnedDecision(judgement=judgement, decision=decision, superseding=superseding) for decision in decisions
    )


def _because(judgement: AppealJudgement) -> str:
    return f"{judgement.appeal.reference}: {judgement.reason}"[: rules.LONGEST_REASON]


def _tell(judgement: AppealJudgement) -> None:
    """Write a message for each endpoint: they tell the actor. It holds what the actor is told, and nobody's name."""
    appeal, actor = judgement.appeal, judgement.appeal.enforcement.actor
    data = {
        "appeal": appeal.reference,
        "action": appeal.enforcement_id,
        "actor": {"namespace": actor.namespace, "kind": actor.kind, "external_id": actor.external_id},
        "outcome": judgement.outcome,
        "lifted": judgement.has_lifted,
        "statement": judgement.statement,
        "judged_at": judgement.at.isoformat(),
    }
    event = outgoing.Event("appeal.judged", data, about=f"appeal {appeal.reference}")
    outgoing.write(event, to=list(Endpoint.objects.active().order_by("pk")))


# ── Asking for the public page ───────────────────────────


def count_asks(limits: Collection[tuple[str, int]]) -> float | None:
    """Count one ask for each of ``limits``, pairs of who asks and how often they may in a minute.

    Returns the seconds to wait once one of them is passed, else None. 1 query for each.
    """
    waits = [_count_ask(who, most) for who, most in limits]
    return max((wait for wait in waits if wait), default=None)


def _count_ask(who: str, most: int) -> float | None:
    digest = hmac.digest(settings.SECRET_KEY.encode(), f"appeal page {who}".encode(), "sha256").hex()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into appeals_asks as asked (who, minute, asks) values (%s, date_trunc('minute', now()), 1)
            on conflict (who, minute) do update set asks = asked.asks + 1
            returning asks, 60 - extract(second from now())::int
            """,
            [digest],
        )
        asks, seconds_left = cursor.fetchone()
    return max(float(seconds_left), 1.0) if asks > most else None


def forget_asks() -> int:
    """Forget how often the public page was asked for in minutes that count no more. Return how many rows that were."""
    past = Asks.objects.filter(minute__lt=clock.now() - ASKS_KEPT)
    deleted, _by_model = Asks.objects.filter(pk__in=past.values("pk")[:ASKS_AT_ONCE]).delete()
    return deleted
