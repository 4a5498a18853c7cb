from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from incidents.enforcement import operations, rules
from incidents.enforcement.models import Delivery, EnforcementAction
from incidents.review import operations as review
from incidents.review.models import DecisionInUse, Retraction
from policies.models import PolicyGap
from tests.enforcement.factories import approve, make_finding, propose, propose_warning
from tests.factories import NOW, make_actor, make_api_key, make_clause, make_enforcement, make_user
from tests.outgoing.factories import make_endpoint
from tests.policies.twice import outcomes_of
from trust.audit import context
from trust.audit.models import AuditEvent
from trust.outgoing.models import Message
from trust.refusals import Refused

pytestmark = pytest.mark.django_db

SEVERE = ["feature_block", "suspension", "ban", "referral"]


def test_a_second_person_approves_and_the_endpoints_are_told():
    make_endpoint()
    actor, lead = make_actor(), make_user(role="lead")
    enforcement = propose(actor)

    enforcement = approve(enforcement, by=lead)

    actor.refresh_from_db()
    assert (enforcement.status, enforcement.approved_by) == ("approved", lead)
    assert enforcement.ends_at == enforcement.approved_at + timedelta(days=30)
    assert actor.standing == "suspended"
    payload = Message.objects.get().payload
    assert payload["type"] == "enforcement.approved"
    assert f"/appeal/{enforcement.pk}:" in payload["data"].pop("appeal_url")
    statement = payload["data"].pop("statement")
    assert statement["language"] == "en"
    assert "Suspension, 30 days" in statement["text"]
    assert payload["data"] == {
        "action": enforcement.pk,
        "kind": "suspension",
        "parameters": {"days": 30},
        "actor": {"namespace": "default", "kind": "account", "external_id": actor.external_id},
        "ends_at": enforcement.ends_at.isoformat(),
        "approved_by": lead.pseudonym,
    }
    event = AuditEvent.objects.about(enforcement, actor).get(kind="enforcement.approved")
    assert (event.by, event.reason) == (lead, "The evidence holds.")


def test_no_name_and_no_reason_leaves_with_the_message():
    make_endpoint()
    lead = make_user(role="lead", name="Ana Ruiz", email="ana@example.org")

    approve(propose(reason="Wrote to their landlord."), by=lead)

    text = str(Message.objects.get().payload)
    assert not [word for word in ("Ana", "ana@", "landlord", "evidence holds") if word in text]


def test_with_nobody_to_tell_it_is_in_force_at_once():
    enforcement = approve(propose())

    assert enforcement.status == "in_force"
    assert enforcement.in_force_at
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("kind", SEVERE)
def test_the_proposer_may_not_approve_their_own_severe_proposal(kind: str):
    lead = make_user(role="lead")
    enforcement = make_enforcement(kind=kind, proposed_by=lead)

    with pytest.raises(Refused, match="other than the proposer"):
        approve(enforcement, by=lead)

    enforcement.refresh_from_db()
    assert enforcement.status == "proposed"
    assert not AuditEvent.objects.about(enforcement).exists()


def test_the_owner_of_the_key_that_proposed_may_not_approve():
    lead = make_user(role="lead")
    key, _text = make_api_key("enforcement:propose", owner=lead)
    with context.request("test-request"):
        context.use_key(key.pk)
        enforcement = propose(by=lead)

    with pytest.raises(Refused, match="other than the proposer"):
        approve(enforcement, by=lead)
    assert enforcement.proposed_via_key == key.pk


def test_a_key_never_approves():
    lead = make_user(role="lead")
    enforcement = propose()

    with context.request("test-request"):
        context.use_key(1)
        with pytest.raises(Refused, match="never by an API key"):
            approve(enforcement, by=lead)


@pytest.mark.parametrize("kind", SEVERE)
@pytest.mark.parametrize("status", ["approved", "delivered", "in_force", "expired", "reversed"])
def test_the_database_holds_two_people_apart(kind: str, status: str):
    lead = make_user(role="lead")
    enforcement = make_enforcement(kind=kind, proposed_by=lead)

    with pytest.raises(IntegrityError, match="by_two_people"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            update enforcement_enforcementaction
            set status = %s, approved_by_id = proposed_by_id, approved_at = now(),
                reversed_by_id = proposed_by_id, reversed_at = now()
            where id = %s
            """,
            [status, enforcement.pk],
        )


@pytest.mark.parametrize("missing", ["approved_by_id", "proposed_by_id"])
def test_the_database_refuses_a_severe_action_with_one_person_missing(missing: str):
    enforcement = make_enforcement()
    other = make_user(role="lead")

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"""
            update enforcement_enforcementaction
            set status = 'approved', approved_by_id = %s, approved_at = now() where id = %s;
            update enforcement_enforcementaction set {missing} = null where id = %s
            """,
            [other.pk, enforcement.pk, enforcement.pk],
        )


@pytest.mark.django_db(transaction=True)
def test_two_leads_at_once_approve_once():
    make_endpoint()
    enforcement = propose()
    leads = [make_user(role="lead"), make_user(role="lead")]

    def attempt(lead: Any) -> Any:
        return operations.approve(enforcement, reason="Yes.", by=lead)

    outcomes = outcomes_of(attempt, leads)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["EnforcementAction", "Refused"]
    assert Message.objects.count() == 1
    assert AuditEvent.objects.filter(kind="enforcement.approved").count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_proposer_and_a_lead_at_once_leave_the_leads_approval():
    proposer, lead = make_user(role="lead"), make_user(role="lead")
    enforcement = propose(by=proposer)

    def attempt(person: Any) -> Any:
        return operations.approve(enforcement, reason="Yes.", by=person)

    outcomes = outcomes_of(attempt, [proposer, lead])

    enforcement.refresh_from_db()
    assert isinstance(outcomes[0], Refused)
    assert enforcement.approved_by == lead


@pytest.mark.django_db(transaction=True)
def test_two_actions_on_one_actor_at_once_leave_the_worst_standing():
    actor = make_actor()
    actions = [propose(actor), propose_warning(actor), propose_warning(actor), propose_warning(actor)]

    outcomes = outcomes_of(approve, actions)

    actor.refresh_from_db()
    assert [type(outcome) for outcome in outcomes] == [EnforcementAction] * 4
    assert actor.standing == "suspended"


def test_a_reviewer_may_not_approve_what_is_severe():
    with pytest.raises(Refused, match="Only a lead"):
        approve(propose(), by=make_user())


def test_what_is_not_severe_is_carried_out_by_its_proposer_alone():
    reviewer = make_user()
    enforcement = propose_warning(by=reviewer)

    enforcement = operations.approve(enforcement, by=reviewer)

    enforcement.actor.refresh_from_db()
    assert enforcement.approved_by == enforcement.proposed_by == reviewer
    assert enforcement.actor.standing == "warned"


def test_someone_else_gives_a_reason():
    with pytest.raises(Refused, match="Give your reason"):
        operations.approve(propose_warning(), by=make_user())


def test_approval_holds_the_decisions_and_stops_the_gaps_clock():
    actor, clause = make_actor(), make_clause()
    decision = make_finding(actor, clause=clause)
    gap = PolicyGap.objects.create(
        title="Reviews", status="covered", clause=clause.clause, opened_at=NOW, last_seen_at=NOW
    )

    approve(propose(actor, decisions=[decision]))

    gap.refresh_from_db()
    assert gap.first_enforced_at
    assert DecisionInUse.objects.filter(decision=decision).exists()
    with pytest.raises(Refused, match="reverse the enforcement"):
        review.undo(decision, by=decision.by)


def test_a_decision_that_was_taken_back_since_stops_the_approval():
    actor = make_actor()
    decision = make_finding(actor)
    enforcement = propose(actor, decisions=[decision])
    Retraction.objects.create(decision=decision, by=decision.by, at=NOW)

    with pytest.raises(Refused, match="taken back"):
        approve(enforcement)

    enforcement.refresh_from_db()
    assert enforcement.status == "proposed"


@pytest.mark.parametrize("status", EnforcementAction.Status.values)
def test_only_what_is_proposed_can_be_approved(status: str):
    enforcement = make_enforcement()
    enforcement.status = status

    refusal = rules.refusal_to_approve(enforcement, make_user(role="lead"))

    assert (refusal is None) == (status == "proposed")
