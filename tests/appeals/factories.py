"""Cases for tests of appeals: an action with everyone who stands behind it, an appeal, someone to judge it."""

from dataclasses import dataclass
from typing import Any

from incidents.appeals import operations
from incidents.appeals.models import Appeal
from incidents.appeals.operations import Objection
from incidents.appeals.rules import Ruling
from incidents.enforcement import operations as enforcement
from incidents.enforcement.models import EnforcementAction
from incidents.intake.models import Restriction
from incidents.review.models import Decision
from tests.enforcement.factories import approve, make_finding, propose
from tests.factories import NOW, make_actor, make_clause, make_user
from trust.accounts.models import Clearance, User

TEXT = "It was a quotation from a novel."


@dataclass
class Case:
    """A suspension in force that rests on two findings, each by somebody else."""

    action: EnforcementAction
    findings: list[Decision]
    proposer: User
    approver: User


def make_case(*, findings: int = 2, by: User | None = None, **fields: Any) -> Case:
    """Make a suspension in force on findings of one clause, with their strikes given."""
    actor, clause = make_actor(), make_clause()
    decisions = [make_finding(actor, clause=clause, by=by or make_user(role="lead")) for _number in range(findings)]
    enforcement.give_strikes()
    proposer, approver = make_user(role="lead"), make_user(role="lead")
    action = approve(propose(actor, by=proposer, decisions=decisions, **fields), by=approver)
    return Case(action, decisions, proposer, approver)


def make_restricted_case() -> Case:
    """Make a case on findings about what became restricted since, as routing leaves it."""
    case = make_case()
    for decision in case.findings:
        generation = decision.item.generation
        Restriction.objects.create(generation=generation, category=Clearance.CHILD_SAFETY, created_at=NOW)
    return case


def make_appeal(action: EnforcementAction | None = None, *, text: str = TEXT) -> Appeal:
    return operations.receive(action or make_case().action, Objection(text))


def make_ruling(outcome: str = "overturned", **fields: Any) -> Ruling:
    values: dict[str, Any] = {"reason": "The quotation marks are there.", "statement": "You were right.", **fields}
    return Ruling(outcome, **values)


def judge(appeal: Appeal, outcome: str = "overturned", *, by: User | None = None, **fields: Any) -> Any:
    return operations.judge(appeal, make_ruling(outcome, **fields), by=by or make_user(role="lead"))
