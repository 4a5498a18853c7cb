"""Rules that act by themselves: written by one, armed by another, and what they do when a strike is given."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy

from incidents.actors.models import Actor
from incidents.enforcement import kinds, queries, rules
from incidents.enforcement.models import (
    ActingCheck,
    ActingRule,
    ActingRuleDay,
    EnforcementAction,
    EnforcementDecision,
    Strike,
)
from incidents.enforcement.operations.approving import end_of, record_approval, use_evidence
from incidents.enforcement.operations.carrying_out import carry_out, undo
from incidents.enforcement.operations.state import locked
from incidents.review.models import Decision, Violation
from policies.models import Clause
from policies.vocabulary import EnforcementKind
from trust import clock, languages
from trust.accounts.models import User
from trust.audit.operations import record
from trust.refusals import Refused

Status = EnforcementAction.Status


@dataclass(frozen=True)
class RuleDraft:
    """What a rule is to do, and why. ``share`` in percent, ``cap`` in actions a day; no ``actor_kinds``: any."""

    clause: Clause
    severity: int
    kind: EnforcementKind
    parameters: Mapping[str, Any]
    reason: str
    from_strikes: int = 1
    actor_kinds: Sequence[str] = ()
    share: int = 10
    cap: int = 20


@transaction.atomic
def write_rule(draft: RuleDraft, *, by: User) -> ActingRule:
    """Write a rule. It does nothing until another lead arms it. Raises Refused."""
    problems = kinds.problems_of(draft.kind, draft.parameters)
    refusal = (
        rules.refusal_to_write_rule(by)
        or rules.refusal_of_acting_kind(draft.kind)
        or next(iter(problems.values()), None)
        or rules.refusal_of_reason(draft.reason)
    )
    if refusal:
        raise Refused(refusal)

    rule = ActingRule.objects.create(
        clause=draft.clause,
        severity=draft.severity,
        from_strikes=draft.from_strikes,
        actor_kinds=sorted(draft.actor_kinds),
        kind=draft.kind,
        parameters=dict(draft.parameters),
        share=draft.share,
        cap=draft.cap,
        reason=draft.reason.strip(),
        written_by=by,
        written_at=clock.now(),
    )
    data = {"kind": rule.kind, "severity": rule.severity}
    record("acting_rule.written", on=[rule, rule.clause], by=by, reason=draft.reason, data=data)
    return rule


@transaction.atomic
def arm_rule(rule: ActingRule, *, by: User) -> ActingRule:
    """Let a rule act from now on. Raises Refused."""
    rule = _locked_rule(rule)
    if refusal := rules.refusal_to_arm_rule(rule, by):
        raise Refused(refusal)

    rule.armed_by, rule.armed_at = by, clock.now()
    rule.save(update_fields=["armed_by", "armed_at"])
    record("acting_rule.armed", on=[rule, rule.clause], by=by)
    return rule


@transaction.atomic
def disarm_rule(rule: ActingRule, *, reason: str, by: User) -> ActingRule:
    """Switch a rule off for good; what it did stays. A sweep that acts by it just now is waited for. Raises Refused."""
    rule = _locked_rule(rule)
    if refusal := rules.refusal_to_disarm_rule(rule, by) or rules.refusal_of_reason(reason):
        raise Refused(refusal)

    rule.disarmed_by, rule.disarmed_at, rule.disarm_reason = by, clock.now(), reason.strip()
    rule.save(update_fields=["disarmed_by", "disarmed_at", "disarm_reason"])
    record("acting_rule.disarmed", on=[rule, rule.clause], by=by, reason=reason)
    return rule


# ── Acting, inside the sweep that gives strikes ──────────


def hold_armed() -> list[ActingRule]:
    """Lock every rule that acts, in order, after the actors: so no cap is passed by two sweeps at once. 1 query."""
    return list(ActingRule.objects.armed().select_for_update(of=("self",)).order_by("pk"))


def act(
    actor: Actor, strike: Strike, *, findings: Collection[Violation], armed: Sequence[ActingRule]
) -> EnforcementAction | None:
    """Carry out what the gravest fitting rule of ``armed`` says, unless as much is proposed or runs already.

    It acts on what was decided since it was armed; one that did as much today as its cap allows leaves it to people.
    Must run in the transaction that gives ``strike`` and holds the actor and the rules: a strike is given once, so a
    rule acts once.
    """
    if not armed:
        return None
    strikes = queries.counted_strikes(actor, clock.now()) - strike.weight + 1
    later = [rule for rule in armed if rule.armed_at and strike.decision.decided_at >= rule.armed_at]
    fitting = [rule for rule in later if rules.fits(rule, actor, findings, strikes)]
    rule = max(fitting, key=lambda one: (kinds.rung(one.kind), -one.pk), default=None)
    if rule is None or actor.pk in queries.covered([actor.pk], EnforcementKind(rule.kind)) or not _count(rule):
        return None
    return _carry_out(rule, actor, strike.decision)


def _count(rule: ActingRule) -> bool:
    """Count one more action of today; False where the cap is reached, which is counted too."""
    today = clock.now().date()
    day, _is_new = ActingRuleDay.objects.get_or_create(rule=rule, day=today, defaults={"cap": rule.cap})
    if day.acted < day.cap:
        day.acted += 1
        day.save(update_fields=["acted"])
        return True
    if not day.held_back:
        data = {"cap": day.cap, "day": today.isoformat()}
        record("acting_rule.stopped", on=[rule], by=None, data=data)
    day.held_back += 1
    day.save(update_fields=["held_back"])
    return False


def _carry_out(rule: ActingRule, actor: Actor, decision: Decision) -> EnforcementAction:
    now = clock.now()
    why = languages.stored(gettext_lazy("Rule %(rule)s: %(reason)s")) % {"rule": rule.pk, "reason": rule.reason}
    enforcement = EnforcementAction(
        actor=actor,
        kind=rule.kind,
        parameters=rule.parameters,
        reason=why[: rules.LONGEST_REASON],
        status=Status.APPROVED,
        evidence=queries.snapshot([decision]),
        by_rule=rule,
        created_at=now,
        approved_at=now,
    )
    enforcement.ends_at = end_of(enforcement, now)
    enforcement.save()
    EnforcementDecision.objects.create(enforcement=enforcement, decision=decision)
    use_evidence(enforcement)
    record_approval(enforcement, reason=enforcement.reason, by=None)
    if rules.is_drawn(rule, decision.pk):
        ActingCheck.objects.create(enforcement=enforcement, rule=rule, share=rule.share, drawn_at=now)
    carry_out(enforcement, by=None)
    return enforcement


# ── Looking at what they did ─────────────────────────────


@transaction.atomic
def check(drawn: ActingCheck, outcome: str, *, reason: str, by: User) -> ActingCheck:
    """Say whether what a rule did was right. What was wrong and still runs is reversed with it. Raises Refused."""
    enforcement = locked(drawn.enforcement)
    drawn = ActingCheck.objects.select_for_update(of=("self",)).select_related("rule").get(pk=drawn.pk)
    has_judged = queries.has_judged(enforcement, by)
    if refusal := rules.refusal_to_check(drawn, by, has_judged=has_judged) or rules.refusal_of_reason(reason):
        raise Refused(refusal)

    now, reason = clock.now(), reason.strip()
    drawn.outcome, drawn.reason = ActingCheck.Outcome(outcome), reason
    drawn.checked_by, drawn.checked_at = by, now
    drawn.save(update_fields=["outcome", "reason", "checked_by", "checked_at"])
    subjects = [enforcement, enforcement.actor, drawn.rule]
    record("enforcement.checked", on=subjects, by=by, reason=reason, data={"outcome": drawn.outcome})
    if outcome == ActingCheck.Outcome.WRONG and enforcement.status in EnforcementAction.RUNNING:
        undo(enforcement, reason=reason, by=by)
    return drawn


def _locked_rule(rule: ActingRule) -> ActingRule:
    return ActingRule.objects.select_for_update(of=("self",)).select_related("clause").get(pk=rule.pk)
