"""Judging an appeal, and all that follows from it."""

import pytest

from incidents.actors.models import Actor
from incidents.appeals import operations
from incidents.appeals.models import AppealJudgement
from incidents.enforcement import operations as enforcement
from incidents.enforcement.models import EnforcementAction, Strike
from incidents.review import operations as review
from incidents.review.models import Decision
from tests.appeals.factories import judge, make_appeal, make_case, make_restricted_case, make_ruling
from tests.enforcement.factories import propose_warning
from tests.factories import make_clearance, make_user
from tests.outgoing.factories import make_endpoint
from trust.audit.models import AuditEvent
from trust.outgoing.models import Message
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


def test_overturning_reverses_the_action_voids_strikes_and_supersedes_the_findings():
    make_endpoint()
    case = make_case()
    judging, appeal = make_user(role="lead"), make_appeal(case.action)

    judgement = judge(appeal, by=judging)

    case.action.refresh_from_db()
    assert case.action.status == EnforcementAction.Status.REVERSED
    assert case.action.reversed_by == judging
    assert Actor.objects.get(pk=case.action.actor_id).standing == "good"
    assert not Strike.objects.filter(voided_at__isnull=True).exists()
    fallen = {one.decision_id: one.superseding for one in judgement.overturned.all()}
    assert sorted(fallen) == sorted(decision.pk for decision in case.findings)
    assert {one.verdict for one in fallen.values()} == {"benign"}
    assert {one.round.purpose for one in fallen.values()} == {"appeal"}
    for decision in case.findings:
        decision.item.refresh_from_db()
        assert (decision.item.status, decision.item.verdict) == ("closed", "benign")
    assert judgement.has_lifted


def test_the_strikes_stay_void_when_the_sweep_comes_by():
    case = make_case()
    judge(make_appeal(case.action))

    enforcement.give_strikes()

    assert Strike.objects.count() == 2
    assert not Strike.objects.filter(voided_at__isnull=True).exists()


def test_the_endpoints_are_told_the_outcome_and_the_statement_and_nobody_s_name():
    make_endpoint()
    judging, appeal = make_user(role="lead"), make_appeal()

    judge(appeal, by=judging)

    payload = Message.objects.get(kind="appeal.judged").payload
    assert payload["data"]["outcome"] == "overturned"
    assert payload["data"]["statement"] == "You were right."
    assert payload["data"]["appeal"] == appeal.reference
    assert "quotation" not in str(payload)
    assert judging.pseudonym not in str(payload)
    assert Message.objects.filter(kind="enforcement.lifted").count() <= 1


def test_upholding_changes_nothing_but_the_appeal():
    case = make_case()
    appeal = make_appeal(case.action)

    judge(appeal, "upheld")

    appeal.refresh_from_db()
    case.action.refresh_from_db()
    assert appeal.status == "judged"
    assert case.action.status == EnforcementAction.Status.IN_FORCE
    assert Strike.objects.filter(voided_at__isnull=True).count() == 2
    assert Decision.objects.count() == 2


def test_in_part_only_what_is_chosen_falls():
    case = make_case()
    first, second = case.findings

    judgement = judge(make_appeal(case.action), "partly", items=[first.item_id])

    case.action.refresh_from_db()
    assert case.action.status == EnforcementAction.Status.IN_FORCE
    assert [one.decision for one in judgement.overturned.all()] == [first]
    assert [strike.decision for strike in Strike.objects.filter(voided_at__isnull=True)] == [second]
    assert not judgement.has_lifted


def test_in_part_the_action_may_end_and_the_findings_stand():
    case = make_case()

    judgement = judge(make_appeal(case.action), "partly", lifts=True)

    case.action.refresh_from_db()
    assert case.action.status == EnforcementAction.Status.REVERSED
    assert judgement.has_lifted
    assert not judgement.overturned.exists()


@pytest.mark.parametrize(
    ("outcome", "fields", "field", "sentence"),
    [
        ("partly", {}, "items", "Choose what falls"),
        ("partly", {"items": "all", "lifts": True}, "items", "Nothing would be left standing"),
        ("partly", {"items": [2**40]}, "items", "does not rest"),
        ("upheld", {"reason": " "}, "reason", "needed"),
        ("upheld", {"statement": ""}, "statement", "needed"),
        ("upheld", {"statement": "x" * 2001}, "statement", "2000"),
        ("upheld", {"reason": "a\0b"}, "reason", "NUL"),
        ("somehow", {}, "outcome", "Choose one"),
    ],
)
def test_a_ruling_that_does_not_fit_is_refused_by_field(outcome, fields, field, sentence):
    case = make_case()
    if fields.get("items") == "all":
        fields = {**fields, "items": [decision.item_id for decision in case.findings]}

    with pytest.raises(Refused) as refused:
        judge(make_appeal(case.action), outcome, **fields)

    assert sentence in refused.value.errors[field][0]
    assert not AppealJudgement.objects.exists()


def test_what_ended_by_itself_is_appealed_for_its_strikes_and_findings():
    case = make_case()
    EnforcementAction.objects.filter(pk=case.action.pk).update(status="expired")

    judgement = judge(make_appeal(case.action))

    assert not judgement.has_lifted
    assert judgement.overturned.count() == 2


def test_a_finding_that_fell_before_is_not_judged_again_in_the_next_appeal():
    case = make_case()
    other = propose_warning(case.action.actor, decisions=[case.findings[0]])
    other = enforcement.approve(other, reason="The evidence holds.", by=make_user(role="lead"))
    judge(make_appeal(case.action))

    judgement = judge(make_appeal(other))

    assert judgement.has_lifted
    assert not judgement.overturned.exists()


def test_an_appeal_against_an_action_on_no_decision_is_overturned_by_lifting_it():
    judgement = judge(make_appeal(make_case(findings=0).action))

    assert judgement.has_lifted


def test_the_superseding_decision_cannot_be_taken_back():
    judgement = judge(make_appeal())

    with pytest.raises(Refused, match="an appeal rests on this"):
        review.undo(judgement.overturned.first().superseding, by=make_user(role="lead"))


def test_judging_is_recorded_with_its_reason():
    appeal = make_appeal()

    judge(appeal, "upheld")

    event = AuditEvent.objects.get(kind="appeal.judged")
    assert event.reason == "The quotation marks are there."
    assert event.data["outcome"] == "upheld"


def test_an_appeal_is_judged_once():
    appeal = make_appeal()
    judge(appeal, "upheld")

    with pytest.raises(Refused, match="judged already"):
        judge(appeal, "overturned")


def test_what_rests_on_restricted_items_is_judged_with_the_clearance_only():
    appeal = make_appeal(make_restricted_case().action)
    lead = make_user(role="lead")
    with pytest.raises(Refused, match="clearance"):
        judge(appeal, "upheld", by=lead)

    make_clearance(lead)

    assert judge(appeal, "overturned", by=lead).overturned.exists()


def test_reviewers_and_others_do_not_judge():
    appeal = make_appeal(make_case().action)

    for role in ("reviewer", "auditor", "admin", "policy_approver"):
        with pytest.raises(Refused, match="Only a lead"):
            operations.judge(appeal, make_ruling(), by=make_user(role=role))


def test_the_actor_of_another_case_is_left_alone():
    other = make_case()
    judge(make_appeal())

    assert Strike.objects.filter(actor=other.action.actor, voided_at__isnull=True).count() == 2
