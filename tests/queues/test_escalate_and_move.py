"""Giving a round to the leads, and how leads put rounds elsewhere."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.intake.models import Restriction
from incidents.queues import operations
from incidents.queues.models import Round
from incidents.queues.operations.setting_up import queue_for_leads
from incidents.review import operations as review
from tests.factories import NOW, make_clearance, make_queue, make_round, make_user, make_waiting_alert
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


def test_what_is_escalated_waits_for_leads_alone():
    reviewer, lead = make_user(), make_user(role="lead")
    held = make_round(lease_by=reviewer, due_at=timezone.now() + timedelta(days=9))

    operations.escalate(held, fence=1, reason="Is this a new trick?", by=reviewer)

    held.refresh_from_db()
    assert (held.queue.is_for_leads, held.lease_by) == (True, None)
    assert held.due_at < timezone.now() + timedelta(hours=5)
    with pytest.raises(Refused, match="only leads take items"):
        operations.claim(held.queue, by=reviewer)
    claim = operations.claim(held.queue, by=lead)
    assert claim.round_id == held.pk
    assert AuditEvent.objects.about(held.item).get().kind == "item.escalated"
    with pytest.raises(Refused, match="Leads have this item"):
        operations.escalate(held, fence=claim.fence, reason="Again", by=lead)


def test_what_is_restricted_is_escalated_to_cleared_leads():
    reviewer, lead, uncleared = make_user(), make_user(role="lead"), make_user(role="lead")
    for person in (reviewer, lead):
        make_clearance(person)
    held = make_round(queue=make_queue(restricted_category="child_safety"), lease_by=reviewer)
    Restriction.objects.create(generation=held.item.generation, category="child_safety", created_at=NOW)

    operations.escalate(held, fence=1, reason="To refer?", by=reviewer)

    held.refresh_from_db()
    assert held.queue.restricted_category == "child_safety"
    with pytest.raises(Refused, match="clearance"):
        operations.claim(held.queue, by=uncleared)
    assert operations.claim(held.queue, by=lead).round_id == held.pk
    assert operations.queue_for_restricted("child_safety") != held.queue


def escalated_restricted():
    """A restricted round that its reviewer gave to the leads, and the lead who has it now."""
    reviewer, lead = make_user(), make_user(role="lead")
    for person in (reviewer, lead):
        make_clearance(person)
    held = make_round(queue=make_queue(restricted_category="child_safety"), lease_by=reviewer)
    Restriction.objects.create(generation=held.item.generation, category="child_safety", created_at=NOW)
    operations.escalate(held, fence=1, reason="To refer?", by=reviewer)
    operations.claim(queue_for_leads("child_safety"), by=lead)
    held.refresh_from_db()
    return held, lead


def test_a_further_alert_leaves_what_is_restricted_with_the_lead_who_has_it():
    held, lead = escalated_restricted()

    make_waiting_alert(generation=held.item.generation)
    operations.route_alerts()

    now = Round.objects.get()
    assert (now.queue, now.lease_by, now.lease_until) == (held.queue, lead, held.lease_until)


def test_a_decision_on_what_was_escalated_is_taken_back_where_it_was_made():
    held, lead = escalated_restricted()
    decision = review.decide(held, fence=held.fence, verdict="benign", by=lead)

    review.undo(decision, by=lead)

    assert Round.objects.get().queue == held.queue


def test_a_lead_who_hands_over_what_another_holds_is_on_record():
    lead, holder = make_user(role="lead"), make_user()
    held = make_round(lease_by=holder)

    operations.assign(held, to=make_user(), reason="Please look today.", by=lead)

    event = AuditEvent.objects.about(holder).get()
    assert (event.kind, event.by) == ("item.taken_from_holder", lead)
    assert {event.kind for event in AuditEvent.objects.about(held.item)} == {event.kind, "item.handed_over"}


# ── Moving ───────────────────────────────────────────────


def test_a_lead_puts_an_item_into_another_queue_and_place_and_the_record_says_where_it_was():
    lead, escalated = make_user(role="lead"), make_queue(is_for_leads=True)
    waiting, back = make_round(queue=escalated, priority=2), make_queue()

    operations.move(waiting, to=back, priority=7, reason="Not new; judge as spam.", by=lead)

    event = AuditEvent.objects.about(waiting.item).get()
    assert operations.claim(back, by=make_user()).round_id == waiting.pk
    assert Round.objects.get().priority == 7
    assert (event.kind, event.data["from"]) == ("item.moved", {"queue": escalated.pk, "priority": 2})


def test_what_its_holder_let_lapse_can_be_moved_and_what_is_held_cannot():
    lead, to = make_user(role="lead"), make_queue()
    lapsed = make_round(lease_by=make_user(), lease_until=timezone.now() - timedelta(minutes=1))
    held = make_round(lease_by=make_user(name="Ana Ruiz"))

    operations.move(lapsed, to=to, priority=0, reason="Spam", by=lead)

    with pytest.raises(Refused, match="Ana Ruiz holds this item"):
        operations.move(held, to=to, priority=0, reason="Spam", by=lead)


@pytest.mark.parametrize(("category", "of_the_target"), [("", "child_safety"), ("child_safety", "")])
def test_restricted_and_other_items_are_not_moved_into_each_others_queues(category, of_the_target):
    lead = make_user(role="lead")
    make_clearance(lead)
    waiting = make_round(queue=make_queue(restricted_category=category))

    with pytest.raises(Refused, match="Restricted items stay"):
        operations.move(waiting, to=make_queue(restricted_category=of_the_target), priority=0, reason="Why", by=lead)


def test_what_is_where_it_should_go_or_closed_is_not_moved_and_reviewers_move_nothing():
    lead, waiting = make_user(role="lead"), make_round()
    closed = make_round(status="closed", closed_at=NOW, closed_by=lead)

    for round, by, sentence in (
        (waiting, lead, "there already"),
        (closed, lead, "does not wait"),
        (waiting, make_user(), "Only leads"),
    ):
        with pytest.raises(Refused, match=sentence):
            operations.move(round, to=round.queue, priority=0, reason="Why", by=by)

    assert not AuditEvent.objects.exists()
