from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from incidents.actors.models import Actor
from incidents.enforcement import kinds, queries, rules
from incidents.enforcement.models import Strike
from incidents.enforcement.operations.proposing import forget_decision, recommend
from incidents.review import operations as review
from incidents.review.models import Decision, Retraction
from policies import queries as policies
from policies.vocabulary import EnforcementKind, Verdict
from trust import clock
from trust.accounts.models import User
from trust.audit.operations import record
from trust.refusals import Refused


@transaction.atomic
def give_strikes(limit: int = 100) -> int:
    """Give strikes for decisions, and void those of decisions that were taken back. Returns how many were looked at.

    Actors are held, in order, before asking what stands: so a decision and its retraction, taken by two processes at
    once, never miss each other. Safe to run twice.
    """
    taken = {decision for decision, _weight in review.take_decisions_to_strike(limit)}
    decisions = list(
        queries.decisions_with_findings().filter(pk__in=taken, item__actor__isnull=False).order_by("decided_at", "pk")
    )
    actors = Actor.objects.filter(pk__in={decision.item.actor_id for decision in decisions}).order_by("pk")
    list(actors.select_for_update(no_key=True))
    retracted = set(Retraction.objects.filter(decision__in=decisions).values_list("decision", flat=True))
    for decision in decisions:
        if decision.pk in retracted:
            _take_back(decision)
        else:
            _strike(decision)
    return len(taken)


@transaction.atomic
def void_strike(strike: Strike, *, reason: str, by: User) -> Strike:
    """Let a strike count no more. Raises Refused."""
    strike = Strike.objects.select_for_update(of=("self",)).select_related("actor", "decision__item").get(pk=strike.pk)
    if refusal := rules.refusal_to_void_strike(strike, by) or rules.refusal_of_reason(reason):
        raise Refused(refusal)

    _void(strike, reason=reason.strip(), by=by)
    return strike


def _strike(decision: Decision) -> None:
    """Give one strike for an item at most: a second opinion that agrees adds none."""
    actor = decision.item.actor
    assert actor is not None
    severity = max((violation.severity for violation in decision.violations.all()), default=0)
    weight = rules.STRIKES_OF_SEVERITY[severity]
    if decision.verdict != Verdict.VIOLATING or not weight:
        return
    if Strike.objects.filter(decision__item=decision.item_id, voided_at__isnull=True).exists():
        return
    strike, is_new = Strike.objects.get_or_create(
        decision=decision,
        defaults={
            "actor": actor,
            "weight": weight,
            "created_at": clock.now(),
            "expires_at": decision.decided_at + timedelta(days=rules.STRIKE_DAYS),
        },
    )
    if not is_new:
        return
    record("strike.given", on=[strike, actor, decision.item], by=None, data={"weight": weight, "severity": severity})
    recommend(actor, strike, by_clause=_recommended_by_clauses(decision))


def _take_back(decision: Decision) -> None:
    actor = decision.item.actor
    assert actor is not None
    strike = Strike.objects.select_related("actor", "decision__item").filter(decision=decision).first()
    if strike and not strike.voided_at:
        _void(strike, reason=_("The decision was taken back."), by=None)
    forget_decision(actor, decision)
    for other in queries.decisions_with_findings().filter(item=decision.item_id, retraction__isnull=True):
        _strike(other)


def _void(strike: Strike, *, reason: str, by: User | None) -> None:
    strike.voided_at = clock.now()
    strike.void_reason = reason[:300]
    strike.save(update_fields=["voided_at", "void_reason"])
    record("strike.voided", on=[strike, strike.actor, strike.decision.item], by=by, reason=reason)


def _recommended_by_clauses(decision: Decision) -> EnforcementKind | None:
    """Return the gravest step that the violated clauses recommend at the severities found."""
    steps = [
        policies.recommended_enforcement(violation.clause, violation.severity)
        for violation in decision.violations.all()
    ]
    return max((step for step in steps if step), key=kinds.rung, default=None)
