from datetime import timedelta
from typing import Any

import pytest

from incidents.enforcement import operations, queries, tasks
from incidents.enforcement.models import EnforcementAction, Strike
from incidents.review.models import DecisionToStrike, Retraction
from tests.enforcement.factories import LADDER, approve, make_finding, make_proposal, propose
from tests.factories import NOW, make_actor, make_clause, make_decision, make_user
from tests.policies.twice import outcomes_of
from trust import clock
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_day_of_the_decisions() -> Any:
    with clock.at(NOW):
        yield


def take_back(decision: Any) -> None:
    Retraction.objects.create(decision=decision, by=decision.by, at=NOW)
    DecisionToStrike.objects.create(decision=decision, weight=-1)


@pytest.mark.parametrize(("severity", "weight"), [(1, 1), (2, 1), (3, 2), (4, 3)])
def test_an_upheld_violation_gives_a_strike_by_its_severity(severity: int, weight: int):
    actor = make_actor()
    decision = make_finding(actor, severity=severity)

    tasks.give_strikes()

    strike = Strike.objects.get()
    assert (strike.actor, strike.decision, strike.weight) == (actor, decision, weight)
    assert strike.expires_at == NOW + timedelta(days=90)
    assert AuditEvent.objects.about(strike, actor, decision.item).get().kind == "strike.given"
    assert not DecisionToStrike.objects.exists()


def test_no_harm_gives_no_strike():
    make_finding(make_actor(), severity=0)

    tasks.give_strikes()

    assert not Strike.objects.exists()
    assert not EnforcementAction.objects.exists()


@pytest.mark.parametrize("verdict", ["benign", "no_policy_fits", "cannot_judge"])
def test_only_violations_give_strikes(verdict: str):
    DecisionToStrike.objects.create(decision=make_decision(verdict=verdict))

    tasks.give_strikes()

    assert not Strike.objects.exists()


def test_a_second_opinion_that_agrees_adds_no_second_strike():
    first = make_finding(make_actor())
    DecisionToStrike.objects.create(decision=make_decision(item=first.item))

    tasks.give_strikes()

    assert Strike.objects.count() == 1


@pytest.mark.parametrize("verdict", ["benign", "no_policy_fits"])
def test_a_second_opinion_that_disagrees_voids_the_strike_and_what_it_recommended(verdict: str):
    first = make_finding(make_actor())
    tasks.give_strikes()
    DecisionToStrike.objects.create(decision=make_decision(item=first.item, verdict=verdict))

    tasks.give_strikes()

    assert "another outcome" in Strike.objects.get().void_reason
    assert EnforcementAction.objects.get().status == "declined"


def test_a_second_opinion_that_is_graver_replaces_the_strike():
    actor = make_actor()
    first = make_finding(actor, severity=1)
    tasks.give_strikes()
    graver = make_decision(item=first.item, violations=[{"severity": 4, "clause": make_clause(recommended=LADDER)}])
    DecisionToStrike.objects.create(decision=graver)

    tasks.give_strikes()

    assert queries.counted_strikes(actor, NOW) == 3
    assert EnforcementAction.objects.get(status="recommended").kind == "suspension"


@pytest.mark.parametrize("other", [{"verdict": "benign"}, {"violations": [{"severity": 4}]}], ids=["benign", "graver"])
def test_the_strike_counts_again_once_the_other_outcome_is_taken_back(other: dict[str, Any]):
    actor = make_actor()
    first = make_finding(actor, severity=1)
    tasks.give_strikes()
    second = make_decision(item=first.item, **other)
    DecisionToStrike.objects.create(decision=second)
    tasks.give_strikes()
    take_back(second)

    tasks.give_strikes()

    strike = Strike.objects.get(decision=first)
    assert (strike.voided_at, strike.void_reason, queries.counted_strikes(actor, NOW)) == (None, "", 1)
    assert AuditEvent.objects.about(strike, actor, first.item).filter(kind="strike.restored").count() == 1
    assert first.pk in {part["decision"] for part in EnforcementAction.objects.get(status="recommended").evidence}


def test_what_a_lead_voided_stays_voided_although_another_agrees():
    actor, lead = make_actor(), make_user(role="lead")
    first = make_finding(actor)
    tasks.give_strikes()
    operations.void_strike(Strike.objects.get(), reason="A test of theirs.", by=lead)
    DecisionToStrike.objects.create(decision=make_decision(item=first.item))

    tasks.give_strikes()

    assert Strike.objects.get().voided_by == lead
    assert queries.counted_strikes(actor, NOW) == 0


def test_what_a_lead_voided_does_not_spare_from_a_graver_outcome():
    actor = make_actor()
    first = make_finding(actor)
    tasks.give_strikes()
    operations.void_strike(Strike.objects.get(), reason="A test of theirs.", by=make_user(role="lead"))
    DecisionToStrike.objects.create(decision=make_decision(item=first.item, violations=[{"severity": 4}]))

    tasks.give_strikes()

    assert queries.counted_strikes(actor, NOW) == 3


def test_a_sweep_that_runs_twice_gives_one_strike():
    decision = make_finding(make_actor())
    tasks.give_strikes()
    DecisionToStrike.objects.create(decision=decision)

    tasks.give_strikes()

    assert Strike.objects.count() == 1


def test_a_decision_taken_back_voids_its_strike_and_closes_what_it_recommended():
    decision = make_finding(make_actor())
    tasks.give_strikes()
    take_back(decision)

    tasks.give_strikes()

    strike, recommendation = Strike.objects.get(), EnforcementAction.objects.get()
    assert strike.voided_at
    assert strike.void_reason == "The decision was taken back."
    assert (recommendation.status, recommendation.declined_by) == ("declined", None)


def test_a_decision_taken_back_before_the_sweep_gives_no_strike():
    decision = make_finding(make_actor())
    take_back(decision)

    tasks.give_strikes()

    assert not Strike.objects.exists()


def test_the_retraction_may_come_before_the_decision():
    decision = make_finding(make_actor())
    DecisionToStrike.objects.all().delete()
    take_back(decision)
    tasks.give_strikes()
    DecisionToStrike.objects.create(decision=decision)

    tasks.give_strikes()

    assert not Strike.objects.exists()


def test_another_decision_that_stands_keeps_the_strike_on_the_item():
    first = make_finding(make_actor())
    second = make_decision(item=first.item)
    tasks.give_strikes()
    take_back(first)

    tasks.give_strikes()

    assert list(Strike.objects.counting(NOW).values_list("decision", flat=True)) == [second.pk]


def test_the_clause_recommends_by_severity():
    decision = make_finding(make_actor(), severity=3)

    tasks.give_strikes()

    recommendation = EnforcementAction.objects.get()
    assert (recommendation.status, recommendation.kind) == ("recommended", "rate_limit")
    assert recommendation.proposed_by is None
    assert recommendation.parameters == {"requests_per_minute": 10, "days": 30}
    assert [part["decision"] for part in recommendation.evidence] == [decision.pk]


@pytest.mark.parametrize("severity", [1, 2, 3, 4])
def test_the_first_strike_recommends_what_the_clause_does_however_heavy(severity: int):
    make_finding(make_actor(), severity=severity)

    tasks.give_strikes()

    assert EnforcementAction.objects.get().kind == LADDER[str(severity)]


def test_three_strikes_recommend_one_rung_more_and_take_the_evidence_along():
    actor = make_actor()
    decisions = [make_finding(actor, severity=1) for _number in range(3)]

    tasks.give_strikes()

    recommended = EnforcementAction.objects.get(status="recommended")
    assert recommended.kind == "warning"
    assert {part["decision"] for part in recommended.evidence} == {decision.pk for decision in decisions}
    assert list(EnforcementAction.objects.filter(status="declined").values_list("kind", flat=True)) == ["notice"]


STEPS = {"1": [{"from_strikes": 0, "kind": "notice"}, {"from_strikes": 2, "kind": "suspension"}]}


def test_a_clause_that_steps_up_recommends_by_strikes_and_says_so():
    actor, clause = make_actor(), make_clause(recommended=STEPS)
    make_finding(actor, severity=1, clause=clause)
    tasks.give_strikes()
    first = EnforcementAction.objects.get()
    make_finding(actor, severity=1, clause=clause)

    tasks.give_strikes()

    recommended = EnforcementAction.objects.get(status="recommended")
    assert (first.kind, first.reason) == ("notice", "")
    assert recommended.kind == "suspension"
    assert recommended.reason == "The clause recommends it from 2 strikes on."
    event = AuditEvent.objects.about(recommended).get(kind="enforcement.recommended")
    assert (event.reason, event.data) == (recommended.reason, {"kind": "suspension", "from_strikes": 2})


def test_a_strike_that_has_expired_when_it_is_given_recommends_nothing():
    make_finding(make_actor(), severity=1, clause=make_clause(recommended=STEPS))

    with clock.at(NOW + timedelta(days=91)):
        tasks.give_strikes()

    assert Strike.objects.count() == 1
    assert not EnforcementAction.objects.exists()


def test_a_clause_that_steps_up_does_not_climb_the_ladder_as_well():
    actor, clause = make_actor(), make_clause(recommended=STEPS)
    for _number in range(4):
        make_finding(actor, severity=1, clause=clause)

    tasks.give_strikes()

    assert EnforcementAction.objects.get(status="recommended").kind == "suspension"


def test_a_milder_finding_joins_the_graver_recommendation():
    actor = make_actor()
    make_finding(actor, severity=4)
    tasks.give_strikes()
    milder = make_finding(actor, severity=1)

    tasks.give_strikes()

    recommended = EnforcementAction.objects.get()
    assert milder.pk in {part["decision"] for part in recommended.evidence}


def test_what_is_proposed_or_runs_already_is_not_recommended_again():
    actor = make_actor()
    approve(propose(actor))
    make_finding(actor, severity=2)

    tasks.give_strikes()

    assert not EnforcementAction.objects.filter(status="recommended").exists()


def test_an_adopted_recommendation_survives_a_retraction_until_it_is_to_be_approved():
    actor = make_actor()
    decision = make_finding(actor, severity=4)
    tasks.give_strikes()
    enforcement = operations.adopt(EnforcementAction.objects.get(), make_proposal(decisions=[decision]), by=make_user())
    take_back(decision)
    tasks.give_strikes()

    with pytest.raises(Refused, match="taken back"):
        approve(enforcement)


def test_a_strike_expires_and_can_be_voided_by_a_lead():
    actor, lead = make_actor(), make_user(role="lead")
    make_finding(actor)
    make_finding(actor, severity=4)
    tasks.give_strikes()

    assert queries.counted_strikes(actor, NOW) == 4
    operations.void_strike(Strike.objects.get(weight=3), reason="Shared card.", by=lead)
    assert queries.counted_strikes(actor, NOW) == 1
    assert queries.counted_strikes(actor, NOW + timedelta(days=90)) == 0
    with pytest.raises(Refused, match="Only a lead"):
        operations.void_strike(Strike.objects.get(weight=1), reason="No.", by=make_user())


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_give_one_strike_for_each_decision():
    actor = make_actor()
    decisions = [make_finding(actor) for _number in range(8)]

    def sweep(_number: int) -> int:
        with clock.at(NOW):
            return operations.give_strikes(limit=2)

    outcomes_of(sweep, range(6))
    tasks.give_strikes()

    assert sorted(Strike.objects.values_list("decision", flat=True)) == sorted(one.pk for one in decisions)
    assert EnforcementAction.objects.filter(status="recommended").count() == 1
