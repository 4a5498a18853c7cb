"""Every write of review: decisions, what takes them back, what others must do about them, who saw content."""

import json
from collections.abc import Collection, Sequence
from contextlib import nullcontext
from typing import Any, Final

from django.db import IntegrityError, connection, models, transaction
from django.utils.translation import gettext as _

from incidents.intake import operations as intake
from incidents.intake.models import Alert, Content, DetectorVersion, Restriction
from incidents.queues import operations as queues
from incidents.queues.models import Item, Round
from incidents.review import findings as found, repeats, rules
from incidents.review.findings import Finding, Wrong, places_of
from incidents.review.models import (
    Decision,
    DecisionInUse,
    DecisionToCount,
    DecisionToStrike,
    DetectorWrong,
    Draft,
    Retraction,
)
from incidents.search import operations as search
from incidents.wellbeing import operations as wellbeing
from policies import operations as policies
from policies.models import ClauseVersion, PolicyGap
from policies.vocabulary import Verdict
from trust import clock, prepared
from trust.accounts.models import User
from trust.audit import context, operations as audit
from trust.audit.operations import record
from trust.celery import hint
from trust.refusals import Refused

GIVE_STRIKES: Final = "incidents.enforcement.tasks.give_strikes"


def decide(
    round: Round,
    *,
    fence: int,
    verdict: str,
    findings: Sequence[Finding] = (),
    note: str = "",
    wrong: Wrong | None = None,
    idempotency_key: str | None = None,
    by: User,
) -> Decision:
    """Judge the round that ``by`` holds under ``fence``, and say which detector was ``wrong``, if any.

    What was sent before under the same key is returned again.

    Raises Refused: already-decided, lease-lost, or invalid with ``errors`` by path.
    """
    decision = Decision(
        round=round,
        item_id=round.item_id,
        by=by,
        via_key=context.via_key(),
        verdict=verdict,
        note=note,
        is_detector_wrong=wrong is not None,
        idempotency_key=idempotency_key,
        decided_at=clock.now(),
    )
    try:
        return _make(decision, findings, wrong, fence=fence)
    except Refused:
        if earlier := repeats.sent_before(decision, findings):
            return earlier
        raise


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
    Draft.objects.filter(round=round, person=by).delete()
    DecisionToCount.objects.create(decision=decision, weight=-1)
    DecisionToStrike.objects.create(decision=decision, weight=-1)
    if decision.gap:
        find = policies.Find(decision.decided_at, round.expected_severity)
        policies.leave_gap(decision.gap, find=find, by=by)
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
    """Record that ``by`` is shown the content: once for each claim, each time without one. Mostly no query.

    Raises Refused (exposure-limit) where it was handed to them and is too much for them now.
    """
    if held is not None and held.seen_fence == held.fence:
        return
    if held is not None and (refusal := queues.refusal_to_take(held, by=by)):
        raise refusal
    with transaction.atomic():
        if held is not None and not queues.note_seen(held, by=by):
            return
        subjects = [item, item.actor] if item.actor else [item]
        record("content.viewed", on=subjects, by=by, data={"claimed": held is not None})


@transaction.atomic
def note_delivery(item: Item, *, by: User) -> None:
    """Record that the content was sent ahead to ``by``; that they were shown it is recorded when they are."""
    subjects = [item, item.actor] if item.actor else [item]
    record("content.delivered", on=subjects, by=by)


def note_exposure(item: Item, *, seconds: int, by: User) -> None:
    """Note in the ledger of ``by`` that they were shown the content, or that it stood open for ``seconds`` more.

    Restricted content is shown to nobody, so it exposes nobody. Of what a rule closed, nothing was expected.
    """
    if Restriction.objects.filter(generation=item.generation_id).exists():
        return
    newest = item.rounds.order_by("-pk").first()
    expected = (newest.expected_severity, newest.categories) if newest else (0, [])
    seen = wellbeing.Seen(item.pk, *expected)
    wellbeing.note_exposure(seen, seconds=seconds, by=by)


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


def _make(decision: Decision, findings: Sequence[Finding], wrong: Wrong | None, *, fence: int) -> Decision:
    """Write ``decision``, which nothing was read for: its statement writes only while the round is held."""
    if reason := rules.refusal_to_review(decision.by):
        raise Refused(reason)
    texts = found.texts_of(findings) if findings else []
    alert = _alert(decision, wrong) if wrong else None
    errors = _errors_in(decision, findings, texts)
    if wrong and (reason := rules.refusal_to_note_wrong(alert, wrong.kind)):
        errors["detector_wrong"] = [reason]
    if errors:
        _refuse_to_decide(decision, fence=fence)
        raise Refused(next(iter(errors.values()))[0], code="invalid", status=422, errors=errors)

    applied = [text for text in texts if text is not None]
    category = next(filter(None, (text.version.policy.restricted_category for text in applied)), "")
    # One statement is a transaction by itself; to begin and end one around it takes two turns with the database more.
    writes_more = category or wrong or decision.verdict == Verdict.NO_POLICY_FITS
    with transaction.atomic() if writes_more else nullcontext():
        if decision.verdict == Verdict.NO_POLICY_FITS:
            _refuse_to_decide(decision, fence=fence)  # locks the round before its gap, as ``undo`` does
            decision.gap = _gap(decision)
        if not _insert(decision, findings, applied, fence=fence):
            _refuse_to_decide(decision, fence=fence)
            raise repeats.key_reused()
        if wrong and alert and alert.detector_version:
            _note_detector_wrong(decision, alert, alert.detector_version, wrong.kind)
        if category:
            _restrict(decision, category)
    if findings:
        hint(GIVE_STRIKES)
    queues.nudge()
    return decision


NOT_IN_FORCE: Final = "of a cited clause is not in force"  # as the trigger of review_violation says it

# A decision waits for one statement: all that it writes, or nothing when the round is not held (any more), or when the
# idempotency key was used before. ``_refuse_to_decide`` finds out why.
_INSERT = f"""
    with held as (
        {queues.HELD}
    ), made as (
        insert into review_decision (round_id, item_id, by_id, via_key, verdict, note, is_detector_wrong,
            idempotency_key, gap_id, supersedes_id, decided_at)
        select held.id, held.item_id, %(by)s, %(via_key)s::bigint, %(verdict)s::text, %(note)s::text,
            %(is_detector_wrong)s, %(idempotency_key)s::text, %(gap)s::bigint, (
                select d.id from review_decision d where d.round_id = held.id and not exists (
                    select from review_decision later where later.supersedes_id = d.id)), %(now)s
        from held
        on conflict (by_id, idempotency_key) do nothing
        returning id, round_id, item_id, supersedes_id
    ), violation as (
        insert into review_violation (decision_id, clause_id, severity, side, complied,
            span_message, span_start, span_end)
        select made.id, f.* from made, jsonb_to_recordset(%(violations)s::jsonb) as f (clause_id bigint,
            severity smallint, side text, complied boolean, span_message int, span_start int, span_end int)
    ), to_count as (
        insert into review_decisiontocount (decision_id, weight) select id, 1 from made
    ), to_strike as (
        insert into review_decisiontostrike (decision_id, weight) select id, 1 from made
    ), sent as (
        delete from review_draft d using made where d.round_id = made.round_id and d.person_id = %(by)s
    ), to_index as (
        {search.WAIT} select i.generation_id from made
        join queues_item i on i.id = made.item_id and i.generation_id is not null
    ), {queues.CLOSED_BY_MADE}, named as (
        select 'review.decision' as kind, id from made
        union all select 'queues.item', id from judged
        union all select 'actors.actor', actor_id from judged where actor_id is not null
    ), {audit.event_parts("made")}
    select id, supersedes_id from made
"""  # noqa: S608  parts of our own


def _insert(decision: Decision, findings: Sequence[Finding], texts: Sequence[ClauseVersion], *, fence: int) -> bool:
    """Write the decision, its violations and event, what others must do about it, and the outcome; or nothing."""
    severity = max((finding.severity for finding in findings), default=None)
    clauses = [text.clause.key for text in texts]
    data = {"verdict": decision.verdict, "severity": severity, "clauses": clauses, "round": decision.round_id}
    try:
        rows = _written(
            decision, severity=severity, data=data, violations=list(map(_violation, findings, texts)), fence=fence
        )
    except IntegrityError as error:
        if NOT_IN_FORCE not in str(error):
            raise
        raise Refused(rules.guidelines_changed(), code="stale") from error
    for decision.pk, decision.supersedes_id in rows:
        decision._state.adding = False
    return bool(rows)


def _written(
    decision: Decision, *, severity: int | None, data: dict[str, Any], violations: list[dict[str, Any]], fence: int
) -> list[tuple[Any, ...]]:
    return prepared.rows_of(
        _INSERT,
        {
            **audit.event_values(audit.event_now("decision.made", by=decision.by, data=data)),
            "fence": fence,
            "gap": decision.gap_id,
            "idempotency_key": decision.idempotency_key,
            "is_detector_wrong": decision.is_detector_wrong,
            "note": decision.note,
            "now": decision.decided_at,
            "round": decision.round_id,
            "severity": severity,
            "verdict": decision.verdict,
            "violations": json.dumps(violations),
        },
    )


def _violation(finding: Finding, text: ClauseVersion) -> dict[str, Any]:
    message, start, end = places_of(finding.span)
    return {
        "clause_id": text.pk,
        "severity": finding.severity,
        "side": finding.side,
        "complied": finding.complied,
        "span_message": message,
        "span_start": start,
        "span_end": end,
    }


@transaction.atomic
def _refuse_to_decide(decision: Decision, *, fence: int) -> None:
    """Say why the round may not be decided, as it is once nobody else is at it. Raises Refused."""
    by, now = decision.by, clock.now()
    round = _locked(decision.round)
    if reason := rules.refusal_as_decided(round, by):
        raise Refused(reason, code="already-decided")
    is_open = Item.objects.open_to(by, now).filter(pk=round.item_id).exists()
    if reason := rules.refusal_as_lost(round, by, fence=fence, now=now, is_open=is_open):
        raise Refused(reason, code="lease-lost")


def _errors_in(
    decision: Decision, findings: Sequence[Finding], texts: Sequence[ClauseVersion | None]
) -> dict[str, list[str]]:
    """Return what does not fit, as sentences by path. 1 query when a span is to be looked up."""
    lengths = None
    if any(finding.span for finding in findings):
        content = Content.objects.filter(generation__item=decision.item_id)
        lengths = content.values_list("lengths", flat=True).first()
    return found.errors_in(decision.verdict, findings, texts, lengths)


def _alert(decision: Decision, wrong: Wrong) -> Alert | None:
    alerts = Alert.objects.filter(generation__item=decision.item_id).select_related("detector_version")
    return alerts.filter(pk=wrong.alert).first()


def _note_detector_wrong(decision: Decision, alert: Alert, detector: DetectorVersion, kind: str) -> None:
    by, at = decision.by, decision.decided_at
    DetectorWrong.objects.create(alert=alert, detector_version=detector, kind=kind, by=by, decision=decision, at=at)
    record("detector.said_wrong", on=[detector, alert], by=by, data={"kind": kind})


def _gap(decision: Decision) -> PolicyGap:
    """Join the gap that the note's first line names; of restricted content nothing is named."""
    is_restricted = Restriction.objects.filter(generation__item=decision.item_id).exists()
    title = "" if is_restricted else next(iter(decision.note.strip().splitlines()), "")
    find = policies.Find(decision.decided_at, decision.round.expected_severity)
    return policies.join_gap(title, finds=[find], by=decision.by)


def _restrict(decision: Decision, category: str) -> None:
    generation = decision.item.generation
    if generation and intake.restrict(generation, category=category, by=decision.by):
        queues.move_to_restricted_queue([generation.pk], category=category)


def _subjects(decision: Decision) -> list[models.Model]:
    return [subject for subject in (decision, decision.item, decision.item.actor) if subject is not None]
