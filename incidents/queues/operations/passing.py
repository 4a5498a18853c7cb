"""What a holder does with a round instead of deciding it: hold it, hand it over, decline it, ask for a second
opinion, give it to the leads.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from incidents.queues import queries, rules
from incidents.queues.models import Item, Passing, Queue, Round, Skip
from incidents.queues.operations.claiming import SKIPPED_FOR
from incidents.queues.operations.setting_up import queue_for_leads
from incidents.queues.stream.nudging import nudge
from incidents.search import operations as search
from trust import clock
from trust.accounts.models import User
from trust.audit.operations import record
from trust.permissions import Permission
from trust.refusals import Refused

# A hold that woke is its holder's for so long; then it is everyone's.
KEPT_AFTER_WAKING: Final = timedelta(hours=1)


@transaction.atomic
def hold(round: Round, *, fence: int, until: datetime, reason: str, by: User) -> Passing:
    """Keep a round with ``by`` until a time, at which it comes back to them first. Raises Refused (lease-lost).

    It is leased all the while, so that the claim passes it over without looking for it, and under a new fence, so that
    no page from before renews that lease. The person is locked before the round, so that two holds at once are counted
    one after the other.
    """
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    now = clock.now()
    round = _held(round, fence=fence, by=by, now=now)
    _check_reason(reason)
    holds = queries.holds_of(by, now).filter(queue=round.queue_id).exclude(pk=round.pk).count()
    if refusal := rules.refusal_to_hold(round.queue, until=until, now=now, holds=holds):
        raise _invalid(*refusal)

    round.lease_until = until + KEPT_AFTER_WAKING
    round.seen_fence += round.seen_fence == round.fence  # who saw it has seen it still
    round.fence += 1
    round.save(update_fields=["lease_until", "fence", "seen_fence"])
    passing = _pass(round, Passing.Kind.HELD, until=until, reason=reason, by=by)
    record("item.held", on=[round.item], by=by, reason=passing.reason, data={"round": round.pk, "until": until})
    return passing


@transaction.atomic
def hand_over(round: Round, *, fence: int, to: User, reason: str, by: User) -> Passing:
    """Hand a round that ``by`` holds to someone who may review it; they answer, or it goes back. Raises Refused."""
    User.objects.select_for_update(no_key=True).get(pk=to.pk)
    round = _held(round, fence=fence, by=by, now=clock.now())
    return _hand(round, to=to, reason=reason, by=by)


@transaction.atomic
def assign(round: Round, *, to: User, reason: str, by: User) -> Passing:
    """Hand an open round to someone, whoever has it now: for leads. Raises Refused."""
    User.objects.select_for_update(no_key=True).get(pk=to.pk)
    round = _locked(round)
    if sentence := rules.refusal_to_assign(round, by):
        raise Refused(sentence)
    if not Item.objects.open_to(by, clock.now()).filter(pk=round.item_id).exists():
        raise Refused(rules.lease_lost(), code="lease-lost")
    holder = round.lease_by
    passing = _hand(round, to=to, reason=reason, by=by)
    if holder is not None and holder.pk != by.pk:
        record("item.taken_from_holder", on=[round.item, holder], by=by, data={"round": round.pk})
    return passing


@transaction.atomic
def decline(round: Round, *, fence: int, reason: str, by: User) -> Passing:
    """Send back what was handed to ``by``: it waits in its queue for others. Raises Refused."""
    round = _held(round, fence=fence, by=by, now=clock.now())
    _check_reason(reason)
    if not round.passings.standing().filter(kind=Passing.Kind.HANDED_OVER, to=by).exists():
        raise Refused(rules.not_handed())

    _let_go(round)
    _not_again(round, by)
    passing = _pass(round, Passing.Kind.DECLINED, reason=reason, by=by)
    record("item.declined", on=[round.item], by=by, reason=passing.reason, data={"round": round.pk})
    return passing


@transaction.atomic
def escalate(round: Round, *, fence: int, reason: str, by: User) -> Passing:
    """Give a round that ``by`` holds to the leads, with a question. Raises Refused."""
    now = clock.now()
    round = _held(round, fence=fence, by=by, now=now)
    _check_reason(reason)
    if sentence := rules.refusal_to_escalate(round.queue):
        raise Refused(sentence)

    came_from = round.queue
    round.queue = queue_for_leads(came_from.restricted_category)
    round.due_at = min(round.due_at, now + round.queue.allowance)
    round.save(update_fields=["queue", "due_at"])
    _wait_for_index(round)
    _let_go(round)
    if by.may(Permission.MANAGE_QUEUES):
        _not_again(round, by)
    passing = _pass(round, Passing.Kind.ESCALATED, reason=reason, by=by)
    data = {"round": round.pk, "from": came_from.pk}
    record("item.escalated", on=[round.item], by=by, reason=passing.reason, data=data)
    return passing


@transaction.atomic
def ask_opinion(round: Round, *, fence: int, reason: str, by: User) -> Passing:
    """Ask for a second opinion on a round that ``by`` holds, without deciding it. Raises Refused.

    It waits in its queue as a second opinion, which is never given by who asked for it, and becomes the outcome.
    """
    round = _held(round, fence=fence, by=by, now=clock.now())
    _check_reason(reason)
    asked = Round.objects.filter(item=round.item_id, purpose=Round.Purpose.SECOND_OPINION, status=Round.Status.OPEN)
    if sentence := rules.refusal_to_ask_opinion(round, is_asked=asked.exists()):
        raise Refused(sentence)

    round.purpose = Round.Purpose.SECOND_OPINION
    round.asked_by = by
    round.save(update_fields=["purpose", "asked_by"])
    _let_go(round)
    passing = _pass(round, Passing.Kind.ASKED, reason=reason, by=by)
    record("item.second_opinion_asked", on=[round.item], by=by, reason=passing.reason, data={"round": round.pk})
    return passing


@transaction.atomic
def withdraw_opinion(round: Round, *, by: User) -> Round:
    """Take back that ``by`` asked for a second opinion, while nobody gives it: they hold it again. Raises Refused."""
    now = clock.now()
    round = _locked(round)
    if not Item.objects.open_to(by, now).filter(pk=round.item_id).exists():
        raise Refused(rules.lease_lost(), code="lease-lost")
    if sentence := rules.refusal_to_withdraw_opinion(round, queries.opinion_asked(round), by, now=now):
        raise Refused(sentence)

    round.purpose = Round.Purpose.FIRST
    round.asked_by = None
    round.lease_by = by
    round.lease_until = now + round.queue.lease
    round.fence += 1
    round.save(update_fields=["purpose", "asked_by", "lease_by", "lease_until", "fence"])
    record("item.second_opinion_withdrawn", on=[round.item], by=by, data={"round": round.pk})
    nudge()
    return round


@transaction.atomic
def move(round: Round, *, to: Queue, priority: int, reason: str, by: User) -> Passing:
    """Put a round that nobody holds into another queue, or another place of its own: for leads. Raises Refused.

    Its due time stays. The event says where it was, so that it can be put back.
    """
    now = clock.now()
    round = _locked(round)
    if not Item.objects.open_to(by, now).filter(pk=round.item_id).exists():
        raise Refused(rules.lease_lost(), code="lease-lost")
    if sentence := rules.refusal_to_move(round, to, by, priority=priority, now=now):
        raise Refused(sentence)
    _check_reason(reason)

    before = {"queue": round.queue_id, "priority": round.priority}
    round.queue = to
    round.priority = priority
    round.save(update_fields=["queue", "priority"])
    _wait_for_index(round)
    _let_go(round)
    passing = _pass(round, Passing.Kind.MOVED, reason=reason, by=by)
    data = {"round": round.pk, "from": before, "to": {"queue": to.pk, "priority": priority}}
    record("item.moved", on=[round.item, to], by=by, reason=passing.reason, data=data)
    return passing


# ── Parts ────────────────────────────────────────────────


def _locked(round: Round) -> Round:
    """Lock the round alone: had it been joined with its queue, one that was just moved would not be found at all.

    PostgreSQL looks again at a row that it waited for, but joins it with what it had read before.
    """
    return Round.objects.select_for_update().get(pk=round.pk)


def _held(round: Round, *, fence: int, by: User, now: datetime) -> Round:
    """Lock the round that ``by`` holds under ``fence``. Raises Refused (lease-lost)."""
    round = _locked(round)
    is_open = Item.objects.open_to(by, now).filter(pk=round.item_id).exists()
    if sentence := rules.refusal_as_not_held(round, by, fence=fence, now=now, is_open=is_open):
        raise Refused(sentence, code="lease-lost")
    return round


def _hand(round: Round, *, to: User, reason: str, by: User) -> Passing:
    now = clock.now()
    _check_reason(reason)
    may_take = to.pk != by.pk and queries.may_be_handed(round, now).filter(pk=to.pk).exists()
    waiting = Passing.objects.standing().filter(kind=Passing.Kind.HANDED_OVER, round__lease_by=to).count()
    if sentence := rules.refusal_to_hand_over(to, may_take=may_take, waiting=waiting):
        raise _invalid("to", sentence)

    round.lease_by = to
    round.lease_until = now + round.queue.answer_within
    round.fence += 1
    round.save(update_fields=["lease_by", "lease_until", "fence"])
    passing = _pass(round, Passing.Kind.HANDED_OVER, to=to, until=round.lease_until, reason=reason, by=by)
    data = {"round": round.pk, "to": to.pk, "until": round.lease_until}
    record("item.handed_over", on=[round.item, to], by=by, reason=passing.reason, data=data)
    return passing


def _let_go(round: Round) -> None:
    round.lease_by = None
    round.lease_until = None
    round.save(update_fields=["lease_by", "lease_until"])


def _wait_for_index(round: Round) -> None:
    """Have search find the item in the queue that it is in now."""
    generation = round.item.generation_id
    search.wait_for_index([generation] if generation else [])


def _not_again(round: Round, by: User) -> None:
    Skip.objects.update_or_create(person=by, round=round, defaults={"until": clock.now() + SKIPPED_FOR})


def _pass(
    round: Round,
    kind: Passing.Kind,
    *,
    reason: str,
    by: User,
    to: User | None = None,
    until: datetime | None = None,
) -> Passing:
    nudge()
    return Passing.objects.create(
        round=round,
        kind=kind,
        by=by,
        to=to,
        reason=reason.strip(),
        at=clock.now(),
        until=until,
        fence=round.fence,
        lease_until=round.lease_until,
    )


def _check_reason(reason: str) -> None:
    if sentence := rules.refusal_of_reason(reason):
        raise _invalid("reason", sentence)


def _invalid(field: str, sentence: str) -> Refused:
    errors: Mapping[str, list[str]] = {field: [sentence]} if field else {}
    return Refused(sentence, code="invalid", status=422 if field else 409, errors=errors)
