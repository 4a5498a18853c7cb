"""Cases for tests of enforcement: decisions against one actor, proposals, endpoints that answer."""

from typing import Any

from incidents.actors.models import Actor
from incidents.enforcement import operations
from incidents.enforcement.models import ActingCheck, ActingRule, EnforcementAction
from incidents.enforcement.operations import Proposal
from incidents.review.models import Decision, DecisionToStrike
from policies.vocabulary import EnforcementKind
from tests.factories import (
    NOW,
    make_actor,
    make_clause,
    make_decision,
    make_enforcement,
    make_generation,
    make_item,
    make_user,
)
from trust.accounts.models import User

LADDER = {"0": "none", "1": "notice", "2": "warning", "3": "rate_limit", "4": "suspension"}


def make_finding(actor: Actor, *, severity: int = 2, clause: Any = None, **fields: Any) -> Decision:
    """Make an upheld decision against ``actor`` that strikes have yet to be given for."""
    clause = clause or make_clause(recommended=LADDER)
    item = make_item(
        generation=make_generation(actor=actor), status="closed", verdict="violating", closed_at=actor.created_at
    )
    decision = make_decision(item=item, violations=[{"clause": clause, "severity": severity}], **fields)
    DecisionToStrike.objects.create(decision=decision)
    return decision


def make_acting_rule(**fields: Any) -> ActingRule:
    """Make a rule that warns at S2, armed unless ``armed_by`` is None."""
    armed_by = fields.pop("armed_by", ...)
    values: dict[str, Any] = {
        "severity": 2,
        "kind": "warning",
        "parameters": {"days": 90},
        "reason": "Always the same.",
        "written_at": NOW,
        **fields,
    }
    if "clause" not in values:
        values["clause"] = make_clause(recommended=LADDER).clause
    if "written_by" not in values:
        values["written_by"] = make_user(role="policy_approver")
    rule = ActingRule.objects.create(**values)
    if armed_by is None:
        return rule
    rule.armed_by, rule.armed_at = make_user(role="lead") if armed_by is ... else armed_by, NOW
    rule.save()
    return rule


def make_action_of_rule(rule: ActingRule, **fields: Any) -> EnforcementAction:
    """Make a warning that ``rule`` carried out and that was drawn to be checked."""
    values = {
        "kind": rule.kind,
        "proposed_by": None,
        "proposed_at": None,
        "approved_at": NOW,
        "by_rule": rule,
        **fields,
    }
    enforcement = make_enforcement(status="in_force", parameters=rule.parameters, **values)
    ActingCheck.objects.create(enforcement=enforcement, rule=rule, share=rule.share, drawn_at=NOW)
    return enforcement


def make_proposal(**fields: Any) -> Proposal:
    values: dict[str, Any] = {
        "kind": EnforcementKind.SUSPENSION,
        "parameters": {"days": 30},
        "reason": "Third wave in a week.",
        **fields,
    }
    return Proposal(**values)


def propose(actor: Actor | None = None, *, by: User | None = None, **fields: Any) -> EnforcementAction:
    """Propose a suspension of 30 days."""
    return operations.propose(actor or make_actor(), make_proposal(**fields), by=by or make_user())


def propose_warning(actor: Actor | None = None, *, by: User | None = None, **fields: Any) -> EnforcementAction:
    return propose(actor, by=by, kind=EnforcementKind.WARNING, parameters={"days": 90}, **fields)


def approve(enforcement: EnforcementAction, *, by: User | None = None) -> EnforcementAction:
    return operations.approve(enforcement, reason="The evidence holds.", by=by or make_user(role="lead"))
