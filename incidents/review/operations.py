"""Every write of review: decisions, what takes them back, what others must do about them, who saw content."""

from collections.abc import Collection, Sequence
from itertools import repeat
from typing import Final

from django.db import connection, models, transaction
from django.utils.translation import gettext as _

from incidents.intake import operations as intake
from incidents.intake.models import Content, Restriction
from incidents.queues import operations as queues
from incidents.queues.models import Item, Round
from incidents.review import findings as found, rules
from incidents.review.findings import Finding
from incidents.review.models import (
    Decision,
    DecisionInUse,
    DecisionToCount,
    DecisionToStrike,
    Retraction,
    Violation,
)
from policies import operations as policies
from policies.models import ClauseVersion, PolicyGap
from policies.vocabulary import Verdict
from trust import clock, prepared
from trust.accounts.models import User
from trust.audit import context
from trust.audit.operations import record
from trust.celery import hint
from trust.refusals import Refused

GIVE_STRIKES: Final = "incidents.enforcement.tasks.give_strikes"


@transaction.atomic
def decide(
    round: Round,
    *,
    fence: int,
    verdict: str,
    findings: Sequence[Finding] = (),
    note: str = "",
    is_detector_wrong: bool = False,
    idempotency_key: str | None = None,
    by: User,
) -> Decision:
    """Judge the round that ``by`` holds under ``fence``. What was sent before under the same key is returned again.

    Raises Refused: already-decided, lease-lost, or invalid with ``errors`` by path.
    """
    round = _locked(round)
    if earlier := _sent_before(round, idempotency_key, by):
        return earlier
    _refuse_to_decide(round, fence=fence, by=by)
    texts = _texts(round.item, verdict, findings)

    severity = max((finding.severity for finding in findings), default=None)
    decision = Decision(
        round=round,
        item=round.item,
        by=by,
        via_key=context.via_key(),
        verdict=verdict,
        note=note,
        is_detector_wrong=is_detector_wrong,
        idempotency_key=idempotency_key,
        gap=_gap(round.item, verdict, note, by),
        supersedes=_superseded(round),
        decided_at=clock.now(),
    )
    _insert(decision)
    if findings:
        Violation.objects.bulk_create(map(_violation, repeat(decision), findings, texts))
    queues.close_round(round, fence=fence, verdict=verdict, severity=severity, by=by)
    _restrict(round.item, texts, by)
    clauses = [text.clause.key for text in texts]
    data = {"verdict": verdict, "severity": severity, "clauses": clauses, "round": round.pk}
    record("decision.made", on=_subjects(decision), by=by, data=data)
    if findings:
        hint(GIVE_STRIKES)
    return decision


@transaction.atomic
def undo(decision: Decision, *, by: User) -> Round:
    """Take a decision back: its round is open again and held by ``by``. Raises Refused."""
    round = _locked(decision.round)
    decision = Decision.objects.select_related("item__actor", "gap").get(pk=decision.pk)
    is_retracted = Retraction.objects.filter(decision=decision).exists()
    is_in_use = DecisionInUse.objects.filter(decision=decision).exists()
    if reason := rules.refusal_to_undo(decision, by, is_retracted=is_retracted, is_in_use=is_in_use):
        raise Refused(reason)

    Retraction.objects.create(decision=decision, by=by, at=clock.now())
    DecisionToCount.objects.create(decision=decision, weight=-1)
    DecisionToStrike.objects.create(decision=decision, weight=-1)
    if decision.gap:
        policies.leave_gap(decision.gap, by=by)
    round = queues.reopen_round(round, standing=_standing(decision.item), by=by)
    record("decision.taken_back", on=_subjects(decision), by=by, data={"round": round.pk})
    hint(GIVE_STRIKES)
    return round


@transaction.atomic
def mark_in_use(decisions: Collection[Decision]) -> None:
    """Note that approved enforcement rests on ``decisions``, so that none is taken back. Raises Refused.

    Call it in the transaction of the approval: it holds their rounds, so that an undo comes before or fails.
    """
    rounds = Round.objects.filter(decisions__in=[decision.pk for decision in decisions])
    list(rounds.order_by("pk").select_for_update(of=("self",)))
    if Retraction.objects.filter(decision__in=decisions).exists():
        raise Refused(_("A decision that this rests on was taken back."))
    DecisionInUse.objects.bulk_create(
        [DecisionInUse(decision=decision, since=clock.now()) for decision in decisions], ignore_conflicts=True
    )


def note_view(item: Item, *, held: Round | None, by: User) -> None:
    """Record that ``by`` was shown the content: once for each claim, each time without one. Mostly no query."""
    if held is not None and held.seen_fence == held.fence:
        return
    with transaction.atomic():
        if held is not None and not queues.note_seen(held, by=by):
            return
        subjects = [item, item.actor] if item.actor else [item]
        record("content.viewed", on=subjects, by=by, data={"claimed": held is not None})


def take_decisions_to_count(limit: int) -> list[tuple[int, int]]:
    """Take up to ``limit`` (decision, weight) off what statistics must count; see ``_take``."""
    return _take(DecisionToCount._meta.db_table, limit)


def take_decisions_to_strike(limit: int) -> list[tuple[int, int]]:
    """Take up to ``limit`` (decision, weight) off what enforcement must give strikes for; see ``_take``."""
    return _take(DecisionToStrike._meta.db_table, limit)


def _standing(item: Item) -> queues.Outcome | None:
    """Return what the newest decision about ``item`` that stands says of it."""
    decisions = Decision.objects.effective().filter(item=item).prefetch_related("violations")
    newest = decisions.order_by("-decided_at", "-pk").first()
    if newest is None:
        return None
    severity = max((violation.severity for violation in newest.violations.all()), default=None)
    return queues.Outcome(newest.verdict, severity, newest.decided_at)


def _take(table: str, limit: int) -> list[tuple[int, int]]:
    """Delete rows, oldest first, in the caller's transaction; leave alone what another is just taking.

    A retraction (-1) may be taken before its decision (1) by another process: add weights up, never overwrite.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("decisions are taken inside the transaction that uses them")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            delete from {table} where id in (select id from {table} order by id limit %s for update skip locked)
            returning id, decision_id, weight
            """,  # noqa: S608  a table of ours
            [limit],
        )
        return [(decision, weight) for _id, decision, weight in sorted(cursor.fetchall())]


# ── Parts of a decision ──────────────────────────────────


def _locked(round: Round) -> Round:
    rounds = Round.objects.select_for_update(of=("self",)).select_related("item__actor", "closed_by")
    return rounds.get(pk=round.pk)


def _sent_before(round: Round, idempotency_key: str | None, by: User) -> Decision | None:
    """Return what was sent under the same key. An open round under its first fence has no decision yet."""
    if idempotency_key is None or (round.status == Round.Status.OPEN and round.fence == 1):
        return None
    earlier = Decision.objects.filter(by=by, idempotency_key=idempotency_key).first()
    if earlier is None:
        return None
    if earlier.round_id != round.pk:
        raise _key_reused()
    earlier.is_repeat = True
    return earlier


def _key_reused() -> Refused:
    return Refused(_("This Idempotency-Key was used for another decision."), code="idempotency-key-reused")


_INSERT = """
    with made as (
        insert into review_decision (round_id, item_id, by_id, via_key, verdict, note, is_detector_wrong,
            idempotency_key, gap_id, supersedes_id, decided_at)
        values (%(round_id)s, %(item_id)s, %(by_id)s, %(via_key)s, %(verdict)s, %(note)s, %(is_detector_wrong)s,
            %(idempotency_key)s, %(gap_id)s, %(supersedes_id)s, %(decided_at)s)
        on conflict (by_id, idempotency_key) do nothing
        returning id
    ), counted as (
        insert into review_decisiontocount (decision_id, weight) select id, 1 from made
    ), struck as (
        insert into review_decisiontostrike (decision_id, weight) select id, 1 from made
    )
    select id from made
"""


def _insert(decision: Decision) -> None:
    """Write the decision with what others must do about it, in one statement. Raises Refused."""
    values = {field.attname: getattr(decision, field.attname) for field in Decision._meta.concrete_fields}
    rows = prepared.rows_of(_INSERT, values)
    if not rows:
        raise _key_reused()
    decision.pk = rows[0][0]
    decision._state.adding = False


def _refuse_to_decide(round: Round, *, fence: int, by: User) -> None:
    if reason := rules.refusal_to_review(by):
        raise Refused(reason)
    if reason := rules.refusal_as_decided(round, by):
        raise Refused(reason, code="already-decided")
    if reason := rules.refusal_as_lost(round, by, fence=fence, now=clock.now()):
        raise Refused(reason, code="lease-lost")


def _texts(item: Item, verdict: str, findings: Sequence[Finding]) -> list[ClauseVersion]:
    """Return the clauses found, at their versions. Raises Refused (invalid) with ``errors``."""
    texts = found.texts_of(findings) if findings else []
    lengths = None
    if any(finding.span for finding in findings):
        lengths = Content.objects.values_list("lengths", flat=True).filter(generation=item.generation_id).first()
    if errors := found.errors_in(verdict, findings, texts, lengths):
        sentence = next(iter(errors.values()))[0]
        raise Refused(sentence, code="invalid", status=422, errors=errors)
    return [text for text in texts if text is not None]


def _violation(decision: Decision, finding: Finding, text: ClauseVersion) -> Violation:
    span = finding.span
    return Violation(
        decision=decision,
        clause=text,
        severity=finding.severity,
        side=finding.side,
        complied=finding.complied,
        span_message=span.message if span else None,
        span_start=span.start if span else None,
        span_end=span.end if span else None,
    )


def _gap(item: Item, verdict: str, note: str, by: User) -> PolicyGap | None:
    """Join the gap that the note's first line names; of restricted content nothing is named."""
    if verdict != Verdict.NO_POLICY_FITS:
        return None
    is_restricted = Restriction.objects.filter(generation=item.generation_id).exists()
    title = "" if is_restricted else next(iter(note.strip().splitlines()), "")
    return policies.join_gap(title, by=by)


def _superseded(round: Round) -> Decision | None:
    """Return the decision that was taken back in this round; under the first fence there can be none."""
    if round.fence == 1:
        return None
    return Decision.objects.filter(round=round, superseded_by__isnull=True).order_by("-pk").first()


def _restrict(item: Item, texts: Sequence[ClauseVersion], by: User) -> None:
    category = next(filter(None, (text.version.policy.restricted_category for text in texts)), "")
    if category and item.generation and intake.restrict(item.generation, category=category, by=by):
        queues.move_to_restricted_queue([item.generation.pk], category=category)


def _subjects(decision: Decision) -> list[models.Model]:
    return [subject for subject in (decision, decision.item, decision.item.actor) if subject is not None]
