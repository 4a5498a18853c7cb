import pytest

from incidents.intake import operations as intake
from incidents.queues import operations
from incidents.queues.models import Round
from incidents.review import operations as review
from tests.factories import make_decision, make_round, make_user
from trust.accounts.models import Clearance
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


def test_a_second_opinion_waits_in_the_queue_of_the_first_and_the_item_keeps_its_outcome():
    lead = make_user(role="lead")
    decision = make_decision()

    opened = operations.ask_second_opinion(decision.item, by=lead)

    decision.item.refresh_from_db()
    assert (opened.queue, opened.purpose, opened.lease_by) == (decision.round.queue, "second_opinion", None)
    assert (decision.item.status, decision.item.verdict) == ("closed", "violating")
    assert AuditEvent.objects.about(decision.item).get().kind == "item.second_opinion_asked"


def test_the_second_opinion_becomes_the_outcome():
    decision, other = make_decision(), make_user()
    opened = operations.ask_second_opinion(decision.item, by=make_user(role="lead"))
    claim = operations.claim(opened.queue, by=other)

    review.decide(opened, fence=claim.fence, verdict="benign", by=other)

    decision.item.refresh_from_db()
    assert (claim.round_id, decision.item.verdict, decision.item.severity) == (opened.pk, "benign", None)


def test_a_second_opinion_taken_back_leaves_the_outcome_of_the_first():
    first, other = make_decision(), make_user()
    opened = operations.ask_second_opinion(first.item, by=make_user(role="lead"))
    claim = operations.claim(opened.queue, by=other)
    second = review.decide(opened, fence=claim.fence, verdict="benign", by=other)

    review.undo(second, by=other)

    first.item.refresh_from_db()
    assert (first.item.status, first.item.verdict, first.item.severity) == ("closed", "violating", 2)


def test_what_became_restricted_since_waits_in_the_restricted_queue():
    decision = make_decision()
    intake.restrict(decision.item.generation, category=Clearance.CHILD_SAFETY, by=None)

    opened = operations.ask_second_opinion(decision.item, by=make_user(role="lead"))

    assert opened.queue.restricted_category == Clearance.CHILD_SAFETY


def test_an_item_that_is_still_open_needs_no_second_opinion():
    waiting = make_round()

    with pytest.raises(Refused):
        operations.ask_second_opinion(waiting.item, by=make_user(role="lead"))

    assert Round.objects.count() == 1
    assert not AuditEvent.objects.exists()


def test_who_does_not_review_asks_for_none():
    decision = make_decision()

    with pytest.raises(Refused):
        operations.ask_second_opinion(decision.item, by=make_user(role="analyst"))

    assert Round.objects.count() == 1
