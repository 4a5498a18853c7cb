import json
from typing import Any

import pytest

from incidents.enforcement import kinds, operations
from incidents.enforcement.models import EnforcementAction
from incidents.review.models import Retraction
from policies.vocabulary import EnforcementKind
from tests.enforcement.factories import make_finding, make_proposal, propose
from tests.factories import NOW, make_actor, make_clause, make_decision, make_user
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


def test_a_proposal_is_recorded_with_its_evidence_frozen_and_without_content():
    actor, reviewer = make_actor(), make_user()
    clause = make_clause(key="spam.reviews")
    decision = make_finding(actor, severity=3, clause=clause)

    enforcement = propose(actor, by=reviewer, decisions=[decision])

    assert (enforcement.status, enforcement.proposed_by, enforcement.parameters) == ("proposed", reviewer, {"days": 30})
    assert enforcement.evidence == [
        {
            "decision": decision.pk,
            "item": decision.item_id,
            "verdict": "violating",
            "decided_at": NOW.isoformat(),
            "violations": [{"clause": "spam.reviews", "version": 1, "severity": 3, "side": "interaction"}],
        }
    ]
    assert "tea" not in json.dumps(enforcement.evidence)
    assert list(enforcement.decision_links.values_list("decision", flat=True)) == [decision.pk]
    event = AuditEvent.objects.about(enforcement, actor).get()
    assert (event.kind, event.by, event.reason) == ("enforcement.proposed", reviewer, enforcement.reason)


@pytest.mark.parametrize("role", ["analyst", "auditor", "admin", "policy_editor", "policy_approver"])
def test_only_reviewers_and_leads_propose(role: str):
    with pytest.raises(Refused, match="Only reviewers and leads"):
        propose(by=make_user(role=role))

    assert not EnforcementAction.objects.exists()


def test_evidence_about_another_actor_is_refused():
    elsewhere = make_finding(make_actor())

    with pytest.raises(Refused, match="about another actor"):
        propose(make_actor(), decisions=[elsewhere])


def test_evidence_without_a_violation_is_refused():
    benign = make_decision(verdict="benign")

    with pytest.raises(Refused, match="found no violation"):
        propose(benign.item.actor, decisions=[benign])


def test_evidence_that_was_taken_back_is_refused():
    decision = make_finding(make_actor())
    Retraction.objects.create(decision=decision, by=decision.by, at=NOW)

    with pytest.raises(Refused, match="was taken back"):
        propose(decision.item.actor, decisions=[decision])


@pytest.mark.parametrize("reason", ["", "  \n", "\u200b", "a" * 2001, "a\0b", "\u202egood"])
def test_a_reason_is_needed_and_bounded(reason: str):
    with pytest.raises(Refused, match="reason"):
        propose(reason=reason)


@pytest.mark.parametrize(
    ("kind", "parameters", "wrong"),
    [
        ("suspension", {}, {"days"}),
        ("suspension", {"days": 0}, {"days"}),
        ("suspension", {"days": True}, {"days"}),
        ("suspension", {"days": "30"}, {"days"}),
        ("suspension", {"days": 2**70}, {"days"}),
        ("suspension", {"days": 30, "extra": 1}, {"extra"}),
        ("suspension", {"days": 30}, set()),
        ("rate_limit", {"requests_per_minute": 10}, set()),
        ("rate_limit", {"days": 10}, {"requests_per_minute"}),
        ("quota", {"requests_per_day": 10, "days": 3651}, {"days"}),
        ("feature_block", {"feature": " "}, {"feature"}),
        ("feature_block", {"feature": "a\nb"}, {"feature"}),
        ("feature_block", {"feature": "images"}, set()),
        ("referral", {"authority": "x" * 101}, {"authority"}),
        ("referral", {"authority": ["list"]}, {"authority"}),
        ("ban", {}, set()),
        ("ban", {"days": 3}, {"days"}),
    ],
)
def test_parameters_are_those_of_the_kind_and_bounded(kind: str, parameters: dict[str, Any], wrong: set[str]):
    assert set(kinds.problems_of(kind, parameters)) == wrong


def test_the_operation_refuses_parameters_that_are_wrong():
    with pytest.raises(Refused, match="This is needed"):
        propose(parameters={})


def test_every_kind_has_its_settings_its_words_and_its_effect():
    for kind in EnforcementKind:
        parameters = kinds.defaults(kind)
        assert not set(kinds.problems_of(kind, parameters)) - {"feature", "authority"}
        assert kinds.in_words(kind, parameters).startswith(str(kind.label))
        assert kinds.effect_at_once(kind, parameters)


def test_a_recommendation_is_adopted_by_the_person_who_then_is_its_proposer():
    actor, reviewer = make_actor(), make_user()
    decision = make_finding(actor)
    operations.give_strikes()
    recommended = EnforcementAction.objects.get()

    adopted = operations.adopt(
        recommended,
        make_proposal(kind=EnforcementKind.NOTICE, parameters={"days": 7}, decisions=[decision]),
        by=reviewer,
    )

    assert (adopted.pk, adopted.status, adopted.kind) == (recommended.pk, "proposed", "notice")
    assert (adopted.proposed_by, adopted.parameters) == (reviewer, {"days": 7})
    assert AuditEvent.objects.about(adopted).order_by("pk").last().data["adopted"] is True


def test_what_is_proposed_already_cannot_be_adopted():
    enforcement = propose()

    with pytest.raises(Refused, match="This is proposed"):
        operations.adopt(enforcement, make_proposal(), by=make_user())


def test_a_proposal_is_declined_with_a_reason_and_recorded():
    enforcement, lead = propose(), make_user(role="lead")

    operations.decline(enforcement, reason="Too harsh.", by=lead)

    enforcement.refresh_from_db()
    assert (enforcement.status, enforcement.declined_by, enforcement.decline_reason) == ("declined", lead, "Too harsh.")
    assert AuditEvent.objects.about(enforcement).filter(kind="enforcement.declined", by=lead).exists()


def test_declining_without_a_reason_changes_nothing():
    enforcement = propose()

    with pytest.raises(Refused, match="Give your reason"):
        operations.decline(enforcement, reason=" ", by=make_user(role="lead"))

    enforcement.refresh_from_db()
    assert enforcement.status == "proposed"
