"""The work of a bulk action, some rounds at a time: what is done and what it was done to in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _, gettext_lazy

from incidents.queues import operations as queues
from incidents.queues.models import Queue, Round
from incidents.review import operations as review
from incidents.review.bulk import operations as bulks, rules
from incidents.review.models import Bulk, BulkPart
from policies.vocabulary import Verdict
from trust import clock, languages
from trust.accounts.models import User
from trust.jobs.models import Job
from trust.refusals import Refused

AT_ONCE: Final = 200
LONGEST_WHY: Final = 300

Action, Outcome = Bulk.Action, BulkPart.Outcome


def do_some(job: Job) -> int:
    """Do the next rounds and return how many they were; what cannot be done is skipped, with why."""
    bulk = Bulk.objects.select_related("made_by").get(job=job)
    parts = list(bulk.parts.filter(outcome=Outcome.WAITING).order_by("place")[:AT_ONCE])
    if sentence := rules.refusal_to_handle(bulk.made_by):  # who began may have left, or lost the role
        for part in parts:
            _leave(part, Outcome.SKIPPED, sentence)
    elif bulk.action in Bulk.JUDGING:
        _judge(bulk, parts)
    elif bulk.action == Action.RELEASE:
        _release(bulk, parts)
    else:
        _move(bulk, parts)
    BulkPart.objects.bulk_update(parts, ["outcome", "why", "before", "decision"])
    return len(parts)


def undo_some(job: Job) -> int:
    """Take the next rounds back and return how many they were; what cannot be taken back is kept, with why."""
    bulk = Bulk.objects.get(undoing=job)
    by = job.asked_by
    assert by is not None  # a person asked for it
    parts = list(
        bulk.parts.filter(outcome=Outcome.DONE).select_related("decision", "round").order_by("place")[:AT_ONCE]
    )
    reopened = []
    for part in parts:
        try:
            if part.decision is not None:
                reopened.append(review.undo(part.decision, by=by).pk)
            else:
                _move_back(bulk, part, by)
            part.outcome = Outcome.UNDONE
        except Refused as refusal:
            _leave(part, Outcome.KEPT, refusal.sentence)
    queues.let_go(reopened, by=by)
    BulkPart.objects.bulk_update(parts, ["outcome", "why"])
    return len(parts)


def end(_job: Job) -> None:
    """Nothing is left to be tidied up: what was not reached is told by its outcome."""


# ── What is done with each ───────────────────────────────


def _judge(bulk: Bulk, parts: Sequence[BulkPart]) -> None:
    """Judge each round that is free by a decision of its own, as the maker's."""
    verdict = Verdict.VIOLATING if bulk.action == Action.VIOLATING else Verdict.BENIGN
    findings = bulks.finding_of(bulk.values)
    held = {one.round: one for one in queues.hold_these([part.round_id for part in parts], by=bulk.made_by)}
    refused = []
    for part in parts:
        if (one := held.get(part.round_id)) is None:
            continue
        round = Round(pk=one.round, item_id=one.item)
        try:
            part.decision = review.decide(
                round, fence=one.fence, verdict=verdict, findings=findings, note=bulk.reason, by=bulk.made_by
            )
            part.outcome = Outcome.DONE
        except Refused as refusal:
            _leave(part, Outcome.SKIPPED, refusal.sentence)
            refused.append(one.round)
    queues.let_go(refused, by=bulk.made_by)
    _say_why_not([part for part in parts if part.round_id not in held], bulk.made_by)


def _move(bulk: Bulk, parts: Sequence[BulkPart]) -> None:
    rounds = _locked(parts)
    to = Queue.objects.filter(pk=bulk.values.get("queue") or 0).first()
    for part in parts:
        if (round := rounds.get(part.round_id)) is None:
            _leave(part, Outcome.SKIPPED, _busy())
            continue
        before = {"queue": round.queue_id, "priority": round.priority}
        priority = bulk.values.get("priority", round.priority)
        try:
            queues.move(round, to=to or round.queue, priority=priority, reason=bulk.reason, by=bulk.made_by)
            part.before, part.outcome = before, Outcome.DONE
        except Refused as refusal:
            _leave(part, Outcome.SKIPPED, refusal.sentence)


def _release(bulk: Bulk, parts: Sequence[BulkPart]) -> None:
    rounds = _locked(parts)
    known = set(Round.objects.open_to(bulk.made_by, clock.now()).filter(pk__in=rounds).values_list("pk", flat=True))
    for part in parts:
        if part.round_id not in known:
            _leave(part, Outcome.SKIPPED, _busy())
            continue
        try:
            queues.release(rounds[part.round_id], by=bulk.made_by)
            part.outcome = Outcome.DONE
        except Refused as refusal:
            _leave(part, Outcome.SKIPPED, refusal.sentence)


def _move_back(bulk: Bulk, part: BulkPart, by: User) -> None:
    """Put a round back where it was, unless somebody has moved it since. Raises Refused."""
    round = Round.objects.select_for_update(of=("self",)).get(pk=part.round_id)
    before = part.before or {}
    put = {**before, **{name: value for name, value in bulk.values.items() if name in before}}
    if {"queue": round.queue_id, "priority": round.priority} != put:
        raise Refused(_("It was moved again since."))
    to = Queue.objects.get(pk=before["queue"])
    reason = languages.stored(gettext_lazy("Taken back: %(why)s")) % {"why": bulk.reason[:480]}
    queues.move(round, to=to, priority=before["priority"], reason=reason, by=by)


# ── Parts ────────────────────────────────────────────────


def _locked(parts: Sequence[BulkPart]) -> dict[int, Round]:
    """Lock the rounds, in one order for everyone, but those that others are just at."""
    rounds = Round.objects.filter(pk__in=[part.round_id for part in parts]).order_by("pk")
    return {round.pk: round for round in rounds.select_for_update(of=("self",), skip_locked=True)}


def _say_why_not(parts: Sequence[BulkPart], by: User) -> None:
    rounds = Round.objects.open_to(by, clock.now()).filter(pk__in=[part.round_id for part in parts])
    known = {round.pk: round for round in rounds.select_related("lease_by", "closed_by")}
    for part in parts:
        _leave(part, Outcome.SKIPPED, _why_not(known.get(part.round_id)))


def _why_not(round: Round | None) -> str:
    if round is None:
        return _("You may not know of this item any more.")
    if round.status != Round.Status.OPEN:
        return _("%(person)s has decided this already.") % {"person": round.closed_by}
    if round.purpose == Round.Purpose.REJUDGE:
        return _("It waits to be judged again under a newer policy, which is done by itself.")
    if round.purpose != Round.Purpose.FIRST:
        return _("It waits for a second opinion, which is given by itself.")
    if round.lease_by is not None and round.lease_until is not None and round.lease_until > clock.now():
        return _("%(person)s holds it.") % {"person": round.lease_by}
    return _busy()


def _busy() -> str:
    return _("Somebody was just at it.")


def _leave(part: BulkPart, outcome: str, why: str) -> None:
    part.outcome, part.why = outcome, why[:LONGEST_WHY]
