from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy, ngettext_lazy

from incidents.actors.models import Actor
from incidents.enforcement import kinds, queries, rules
from incidents.enforcement.models import EnforcementAction, EnforcementDecision, Strike
from incidents.enforcement.operations.state import locked, move
from incidents.review.models import Decision, Violation
from policies import queries as policies
from policies.vocabulary import EnforcementKind
from trust import clock, idempotency, languages
from trust.accounts.models import User
from trust.audit import context
from trust.audit.operations import record
from trust.refusals import Refused

Status = EnforcementAction.Status

MOST_EVIDENCE = 20  # what a recommendation gathers by itself: enough to judge by, and a busy actor costs no more


@dataclass(frozen=True)
class Proposal:
    """What is to be done to an actor, and why: when it is approved, or at ``starts_at``.

    ``idempotency_key`` and ``digest`` come from the API.
    """

    kind: EnforcementKind
    parameters: Mapping[str, Any]
    reason: str
    decisions: Sequence[Decision] = field(default_factory=tuple)
    starts_at: datetime | None = None
    idempotency_key: str | None = None
    digest: str = ""


@transaction.atomic
def propose(actor: Actor, proposal: Proposal, *, by: User) -> EnforcementAction:
    """Propose enforcement against ``actor`` with the evidence as it stands now. Raises Refused.

    An API key proposes as its owner. Sent again under the same key, the first action is returned.
    """
    if reason := rules.refusal_to_propose(by):
        raise Refused(reason)
    own = EnforcementAction.objects.filter(proposed_via_key=context.via_key())
    if earlier := idempotency.sent_before(own, key=proposal.idempotency_key, digest=proposal.digest):
        return earlier
    decisions = _checked(actor, proposal.decisions, proposal)

    now = clock.now()
    enforcement = EnforcementAction.objects.create(
        actor=actor,
        kind=proposal.kind,
        parameters=dict(proposal.parameters),
        reason=proposal.reason.strip(),
        starts_at=proposal.starts_at,
        status=Status.PROPOSED,
        evidence=queries.snapshot(decisions),
        proposed_by=by,
        proposed_via_key=context.via_key(),
        idempotency_key=proposal.idempotency_key,
        request_digest=proposal.digest,
        created_at=now,
        proposed_at=now,
    )
    _rest_on(enforcement, decisions)
    _record_proposal(enforcement, by=by)
    return enforcement


@transaction.atomic
def adopt(enforcement: EnforcementAction, proposal: Proposal, *, by: User) -> EnforcementAction:
    """Make a recommendation one's own proposal; kind, settings and evidence may be other than recommended.

    Raises Refused.
    """
    enforcement = locked(enforcement)
    if reason := rules.refusal_to_adopt(enforcement, by):
        raise Refused(reason)
    decisions = _checked(enforcement.actor, proposal.decisions, proposal)

    enforcement.decision_links.all().delete()
    _rest_on(enforcement, decisions)
    move(
        enforcement,
        Status.PROPOSED,
        kind=proposal.kind,
        parameters=dict(proposal.parameters),
        reason=proposal.reason.strip(),
        starts_at=proposal.starts_at,
        evidence=queries.snapshot(decisions),
        proposed_by=by,
        proposed_at=clock.now(),
    )
    _record_proposal(enforcement, by=by, is_adopted=True)
    return enforcement


@transaction.atomic
def decline(enforcement: EnforcementAction, *, reason: str, by: User) -> EnforcementAction:
    """Say no to a recommendation or a proposal; the proposer may take their own back so. Raises Refused."""
    enforcement = locked(enforcement)
    if refusal := rules.refusal_to_decline(enforcement, by) or rules.refusal_of_reason(reason):
        raise Refused(refusal)

    _close(enforcement, reason=reason.strip(), by=by)
    return enforcement


# ── What strikes recommend ───────────────────────────────


def recommend(actor: Actor, strike: Strike, *, findings: Sequence[Violation]) -> EnforcementAction | None:
    """Recommend what ``strike`` and those before it lead to, unless as much is proposed or runs already.

    The gravest that any of ``findings`` leads to. However heavy, the new strike counts as one step here: its severity
    is in the clause's recommendation already.
    One recommendation is open for an actor: a graver one takes the place and the evidence of a milder one. Must run in
    a transaction that holds the actor.
    """
    decision = strike.decision
    steps = queries.counted_strikes(actor, clock.now()) - strike.weight + 1
    led_to = [rules.recommendation(policies.steps_of(found.clause, found.severity), steps) for found in findings]
    gravest = max(filter(None, led_to), key=attrgetter("rung"), default=None)
    if gravest is None or _is_covered(actor, gravest.kind):
        return None
    kind = gravest.kind
    milder = []
    for open_one in _open_recommendations(actor):
        if kinds.rung(open_one.kind) >= kinds.rung(kind):
            return _join(open_one, decision)
        milder.append(open_one)

    decisions = [decision, *_decisions_of(milder)][:MOST_EVIDENCE]
    for open_one in milder:
        _close(open_one, reason=languages.stored(gettext_lazy("A graver recommendation took its place.")), by=None)
    enforcement = EnforcementAction.objects.create(
        actor=actor,
        kind=kind,
        parameters=kinds.defaults(kind),
        reason=_why(gravest),
        status=Status.RECOMMENDED,
        evidence=queries.snapshot(decisions),
        created_at=clock.now(),
    )
    _rest_on(enforcement, decisions)
    data = {"kind": kind, "from_strikes": gravest.from_strikes}
    record("enforcement.recommended", on=[enforcement, actor], by=None, reason=enforcement.reason, data=data)
    return enforcement


def forget_decision(actor: Actor, decision: Decision) -> None:
    """Take a decision out of what is recommended against ``actor``; without evidence a recommendation is closed."""
    for enforcement in _open_recommendations(actor):
        if not enforcement.decision_links.filter(decision=decision).delete()[0]:
            continue
        left = _decisions_of([enforcement])
        if left:
            _refresh(enforcement, left)
        else:
            why = gettext_lazy("The decision that it rested on was taken back.")
            _close(enforcement, reason=languages.stored(why), by=None)


def _why(led_to: rules.Recommendation) -> str:
    if not led_to.from_strikes:
        return ""
    sentence = ngettext_lazy(
        "The clause recommends it from %(strikes)s strike on.",
        "The clause recommends it from %(strikes)s strikes on.",
        led_to.from_strikes,
    )
    return languages.stored(sentence) % {"strikes": led_to.from_strikes}


# ── Parts ────────────────────────────────────────────────


def _checked(actor: Actor, decisions: Sequence[Decision], proposal: Proposal) -> list[Decision]:
    """Return the evidence with its findings. Raises Refused on what a form or the API should have caught as well."""
    ids = {decision.pk for decision in decisions}
    found = list(queries.decisions_with_findings().filter(pk__in=ids).order_by("-decided_at", "-pk"))
    effective = set(Decision.objects.effective().filter(pk__in=ids).values_list("pk", flat=True))
    problems = kinds.problems_of(proposal.kind, proposal.parameters)
    refusal = (
        next(iter(problems.values()), None)
        or rules.refusal_of_reason(proposal.reason)
        or rules.refusal_of_start(proposal.starts_at, clock.now())
        or rules.refusal_of_decisions(actor, found, effective)
    )
    if refusal:
        raise Refused(refusal)
    return found


def _record_proposal(enforcement: EnforcementAction, *, by: User, is_adopted: bool = False) -> None:
    data = {"kind": enforcement.kind, "decisions": len(enforcement.evidence), "adopted": is_adopted}
    record("enforcement.proposed", on=[enforcement, enforcement.actor], by=by, reason=enforcement.reason, data=data)


def _rest_on(enforcement: EnforcementAction, decisions: Iterable[Decision]) -> None:
    EnforcementDecision.objects.bulk_create(
        EnforcementDecision(enforcement=enforcement, decision=decision) for decision in decisions
    )


def _is_covered(actor: Actor, kind: EnforcementKind) -> bool:
    return actor.pk in queries.covered([actor.pk], kind)


def _open_recommendations(actor: Actor) -> list[EnforcementAction]:
    rows = EnforcementAction.objects.filter(actor=actor, status=Status.RECOMMENDED)
    return list(rows.select_for_update().order_by("pk"))


def _decisions_of(enforcement: Sequence[EnforcementAction]) -> list[Decision]:
    rows = queries.decisions_with_findings().filter(enforcement_links__enforcement__in=enforcement)
    return list(rows.order_by("-decided_at", "-pk").distinct())


def _join(enforcement: EnforcementAction, decision: Decision) -> EnforcementAction:
    """Add ``decision``, which comes with its findings, unless there is evidence enough."""
    if len(enforcement.evidence) >= MOST_EVIDENCE:
        return enforcement
    _link, is_new = EnforcementDecision.objects.get_or_create(enforcement=enforcement, decision=decision)
    if is_new:
        enforcement.evidence = [*queries.snapshot([decision]), *enforcement.evidence]
        enforcement.save(update_fields=["evidence"])
    return enforcement


def _refresh(enforcement: EnforcementAction, decisions: list[Decision]) -> EnforcementAction:
    enforcement.evidence = queries.snapshot(decisions)
    enforcement.save(update_fields=["evidence"])
    return enforcement


def _close(enforcement: EnforcementAction, *, reason: str, by: User | None) -> None:
    move(enforcement, Status.DECLINED, declined_by=by, declined_at=clock.now(), decline_reason=reason)
    record("enforcement.declined", on=[enforcement, enforcement.actor], by=by, reason=reason)
