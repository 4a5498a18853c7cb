import threading

import pytest
from django.db import connection, transaction

from incidents.intake import operations as intake
from incidents.queues.models import Item, Round
from incidents.review import operations
from incidents.review.models import Decision, DecisionInUse, DecisionToCount, DecisionToStrike, Retraction
from policies.models import PolicyGap
from tests.factories import make_decision, make_round, make_user
from trust.accounts.models import Clearance
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


def test_undo_retracts_and_gives_the_round_back_to_who_undid_it():
    reviewer = make_user()
    decision = make_decision(by=reviewer)

    operations.undo(decision, by=reviewer)

    round, item = Round.objects.get(), Item.objects.get()
    assert (round.status, round.lease_by, round.closed_at, round.fence) == ("open", reviewer, None, 1)
    assert (item.status, item.verdict, item.severity, item.closed_at) == ("open", "", None, None)
    assert Retraction.objects.get().decision == decision
    assert not Decision.objects.effective().exists()
    assert AuditEvent.objects.about(decision, item, item.actor).get().kind == "decision.taken_back"
    assert DecisionToCount.objects.values_list("decision", "weight").get() == (decision.pk, -1)
    assert DecisionToStrike.objects.values_list("decision", "weight").get() == (decision.pk, -1)


def test_a_new_decision_supersedes_the_one_that_was_taken_back():
    reviewer = make_user()
    held = make_round(lease_by=reviewer)
    first = operations.decide(held, fence=1, verdict="benign", by=reviewer)
    round = operations.undo(first, by=reviewer)

    second = operations.decide(held, fence=round.fence, verdict="cannot_judge", by=reviewer)

    assert second.supersedes == first
    assert list(Decision.objects.effective()) == [second]
    assert Item.objects.get().verdict == "cannot_judge"


def test_the_old_fence_does_not_decide_after_an_undo():
    reviewer = make_user()
    held = make_round(lease_by=reviewer)
    decision = operations.decide(held, fence=1, verdict="benign", by=reviewer)
    operations.undo(decision, by=reviewer)

    with pytest.raises(Refused) as refusal:
        operations.decide(held, fence=1, verdict="benign", by=reviewer)

    assert refusal.value.code == "lease-lost"


def test_what_became_restricted_since_goes_to_the_restricted_queue_and_not_back():
    reviewer = make_user()
    decision = make_decision(by=reviewer)
    intake.restrict(decision.item.generation, category=Clearance.CHILD_SAFETY, by=None)

    round = operations.undo(decision, by=reviewer)

    assert Round.objects.get(pk=round.pk).queue.restricted_category == Clearance.CHILD_SAFETY


def test_undo_takes_the_item_out_of_its_gap():
    reviewer = make_user()
    held = make_round(lease_by=reviewer)
    decision = operations.decide(held, fence=1, verdict="no_policy_fits", note="Fortune letters", by=reviewer)

    operations.undo(decision, by=reviewer)

    assert PolicyGap.objects.get().items == 0


def test_a_lead_takes_back_what_another_decided():
    lead = make_user(role="lead")
    decision = make_decision()

    operations.undo(decision, by=lead)

    assert Round.objects.get().lease_by == lead


def test_each_refusal_leaves_the_decision_standing():
    decision = make_decision()
    used = make_decision()
    DecisionInUse.objects.create(decision=used, since=used.decided_at)

    with pytest.raises(Refused, match="only your own"):
        operations.undo(decision, by=make_user())
    with pytest.raises(Refused, match="Only reviewers and leads"):
        operations.undo(decision, by=make_user(role="admin"))
    with pytest.raises(Refused, match="reverse the enforcement"):
        operations.undo(used, by=used.by)

    assert not Retraction.objects.exists()
    assert not DecisionToCount.objects.exists()


def test_a_decision_is_taken_back_once():
    decision = make_decision()
    operations.undo(decision, by=decision.by)

    with pytest.raises(Refused, match="taken back already"):
        operations.undo(decision, by=decision.by)

    assert DecisionToCount.objects.count() == 1


def test_enforcement_does_not_rest_on_what_was_taken_back():
    decision = make_decision()
    operations.undo(decision, by=decision.by)

    with pytest.raises(Refused, match="taken back"):
        operations.mark_in_use([decision])

    assert not DecisionInUse.objects.exists()


def test_marking_a_decision_twice_is_harmless():
    decision = make_decision()

    operations.mark_in_use([decision])
    operations.mark_in_use([decision])

    assert DecisionInUse.objects.get().decision == decision


@pytest.mark.django_db(transaction=True)
def test_an_approval_and_an_undo_at_once_do_not_both_succeed(monkeypatch):
    decision = make_decision()
    marking, undoing = threading.Event(), threading.Event()
    outcome = []

    def approve():
        with transaction.atomic():
            operations.mark_in_use([decision])
            marking.set()
            undoing.wait(5)
        connection.close()

    def undo():
        marking.wait(5)
        threading.Timer(0.2, undoing.set).start()
        try:
            operations.undo(decision, by=decision.by)
        except Refused as refusal:
            outcome.append(refusal.sentence)
        finally:
            connection.close()

    threads = [threading.Thread(target=approve), threading.Thread(target=undo)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(outcome) == 1
    assert not Retraction.objects.exists()


# ── What others must do ──────────────────────────────────


@pytest.mark.parametrize("take", [operations.take_decisions_to_count, operations.take_decisions_to_strike])
def test_decisions_are_taken_oldest_first_and_once(take):
    reviewer = make_user()
    first = operations.decide(make_round(lease_by=reviewer), fence=1, verdict="benign", by=reviewer)
    second = operations.decide(make_round(lease_by=reviewer), fence=1, verdict="benign", by=reviewer)
    operations.undo(first, by=reviewer)

    assert take(2) == [(first.pk, 1), (second.pk, 1)]
    assert take(2) == [(first.pk, -1)]
    assert take(2) == []


def test_decisions_are_taken_only_inside_a_transaction(transactional_db):
    with pytest.raises(RuntimeError):
        operations.take_decisions_to_count(1)
