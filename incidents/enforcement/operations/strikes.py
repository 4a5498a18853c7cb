from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from incidents.actors.models import Actor
from incidents.enforcement import queries, rules
from incidents.enforcement.models import ActingRule, Strike
from incidents.enforcement.operations import acting
from incidents.enforcement.operations.proposing import forget_decision, recommend
from incidents.queues.models import Item
from incidents.review import operations as review
from incidents.review.models import Decision, Retraction
from policies.vocabulary import Verdict
from trust import clock, languages
from trust.accounts.models import User
from trust.audit.operations import record
from trust.refusals import Refused


@transaction.atomic
def give_strikes(limit: int = 100) -> int:
    """Let the strikes of items follow their decisions. Returns how many decisions were looked at.

    Actors are held, in order, before asking what stands: so a decision and its retraction, taken by two processes at
    once, never miss each other. Safe to run twice.
    """
    taken = {decision for decision, _weight in review.take_decisions_to_strike(limit)}
    judged = Item.objects.filter(decisions__in=taken, actor__isnull=False).distinct()
    items = list(judged.select_related("actor").order_by("pk"))
    actors = Actor.objects.filter(pk__in={item.actor_id for item in items}).order_by("pk")
    list(actors.select_for_update(no_key=True))
    armed = acting.hold_armed()
    for item in items:
        _settle(item, armed)
    return len(taken)


@transaction.atomic
def void_strike(strike: Strike, *, reason: str, by: User) -> Strike:
    """Let a strike count no more. Raises Refused."""
    strike = Strike.objects.select_for_update(of=("self",)).select_related("actor", "decision__item").get(pk=strike.pk)
    if refusal := rules.refusal_to_void_strike(strike, by) or rules.refusal_of_reason(reason):
        raise Refused(refusal)

    _void(strike, reason=reason.strip(), by=by)
    return strike


def _settle(item: Item, armed: Sequence[ActingRule]) -> None:
    """Leave an item with the one strike of its outcome, which is the newest decision that stands, or with none.

    A second opinion that agrees changes nothing; one that does not voids the strike of the first. Once that one is
    taken back the strike counts again. What a person voided stays so until an outcome of another weight came.
    """
    assert item.actor is not None
    decisions = list(queries.decisions_with_findings().filter(item=item).order_by("decided_at", "pk"))
    retracted = set(Retraction.objects.filter(decision__in=decisions).values_list("decision", flat=True))
    outcome = next((decision for decision in reversed(decisions) if decision.pk not in retracted), None)
    weight = _weight_of(outcome) if outcome else 0
    strikes = list(Strike.objects.filter(decision__in=decisions).select_related("actor", "decision__item"))
    is_struck = False
    for strike in strikes:
        if strike.voided_at:
            continue
        if strike.decision_id in retracted:
            _void(strike, reason=languages.stored(_("The decision was taken back.")), by=None)
        elif strike.weight != weight:
            why = _("A later decision on the item came to another outcome.")
            _void(strike, reason=languages.stored(why), by=None)
        else:
            is_struck = True
    for decision in decisions:
        if decision.pk in retracted or not weight:
            forget_decision(item.actor, decision)
    since = _since_another_weight(decisions, retracted, weight)
    is_spared = any(one.voided_by_id and one.weight == weight and one.decision_id in since for one in strikes)
    if outcome and weight and not is_struck and not is_spared:
        _strike(item.actor, outcome, weight, armed)


def _since_another_weight(decisions: Sequence[Decision], retracted: Collection[int], weight: int) -> set[int]:
    """Return the newest of ``decisions``, taken back or not, as far as none that stands weighs something else."""
    since = set()
    for decision in reversed(decisions):
        if decision.pk not in retracted and _weight_of(decision) != weight:
            break
        since.add(decision.pk)
    return since


def _strike(actor: Actor, decision: Decision, weight: int, armed: Sequence[ActingRule]) -> None:
    """Give the strike, or let the one that was given for ``decision`` count again."""
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
        strike.voided_at, strike.voided_by, strike.void_reason = None, None, ""
        strike.save(update_fields=["voided_at", "voided_by", "void_reason"])
    kind = "strike.given" if is_new else "strike.restored"
    record(kind, on=[strike, actor, decision.item], by=None, data={"weight": weight})
    if strike.expires_at <= clock.now():
        return
    findings = list(decision.violations.all())
    if is_new:
        acting.act(actor, strike, findings=findings, armed=armed)
    recommend(actor, strike, findings=findings)


def _weight_of(decision: Decision) -> int:
    if decision.verdict != Verdict.VIOLATING:
        return 0
    severity = max((violation.severity for violation in decision.violations.all()), default=0)
    return rules.STRIKES_OF_SEVERITY[severity]


def _void(strike: Strike, *, reason: str, by: User | None) -> None:
    strike.voided_at = clock.now()
    strike.voided_by = by
    strike.void_reason = reason[:300]
    strike.save(update_fields=["voided_at", "voided_by", "void_reason"])
    record("strike.voided", on=[strike, strike.actor, strike.decision.item], by=by, reason=reason)
