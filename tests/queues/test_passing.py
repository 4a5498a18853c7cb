"""Holding, handing over, declining: what a holder does with a round instead of deciding it."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from incidents.intake.models import Restriction
from incidents.queues import operations, queries, rules
from incidents.queues.models import Passing, Round
from incidents.review import operations as review
from tests.factories import NOW, make_clearance, make_decision, make_queue, make_round, make_user
from trust import clock
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db

LATER = timedelta(hours=2)


def hold(round, by, *, until=None, fence=1, reason="The shop answers by noon."):
    return operations.hold(round, fence=fence, until=until or timezone.now() + LATER, reason=reason, by=by)


def hand_over(round, by, to, *, fence=1, reason="You know this shop."):
    return operations.hand_over(round, fence=fence, to=to, reason=reason, by=by)


def test_what_is_on_hold_stays_with_the_person_and_is_passed_over():
    reviewer, queue = make_user(), make_queue()
    held = make_round(queue=queue, lease_by=reviewer)
    following = make_round(queue=queue)

    hold(held, reviewer)

    assert operations.claim(queue, by=reviewer).round_id == following.pk
    assert operations.claim(queue, by=make_user()) is None
    held.refresh_from_db()
    assert held.lease_by == reviewer
    event = AuditEvent.objects.about(held.item).get()
    assert (event.kind, event.by, event.reason) == ("item.held", reviewer, "The shop answers by noon.")


def test_a_hold_that_wakes_comes_first_to_its_holder_and_to_nobody_else():
    reviewer, queue = make_user(), make_queue()
    held = make_round(queue=queue, lease_by=reviewer)
    make_round(queue=queue, priority=5)
    hold(held, reviewer)

    with clock.at(timezone.now() + LATER + timedelta(minutes=1)):
        to_another = operations.claim(queue, by=make_user())
        to_the_holder = operations.claim(queue, by=reviewer)

    assert (to_another.round_id == held.pk, to_the_holder.round_id) == (False, held.pk)
    assert not Passing.objects.standing().exists()


def test_a_hold_that_nobody_took_up_is_everyones_in_the_end():
    reviewer, other, queue = make_user(), make_user(), make_queue()
    held = make_round(queue=queue, lease_by=reviewer)
    hold(held, reviewer)

    with clock.at(timezone.now() + LATER + timedelta(hours=1, minutes=1)):
        claim = operations.claim(queue, by=other)

    assert (claim.round_id, claim.fence) == (held.pk, 3)


def test_what_is_on_hold_can_be_decided_and_taken_up_before_its_time():
    reviewer = make_user()
    decided, taken_up = (make_round(lease_by=reviewer) for _place in range(2))
    for held in (decided, taken_up):
        hold(held, reviewer)

    review.decide(decided, fence=2, verdict="benign", by=reviewer)
    until = operations.renew(taken_up, fence=2, by=reviewer)

    assert until < timezone.now() + timedelta(minutes=16)
    assert not Passing.objects.standing().exists()


def test_a_page_from_before_the_hold_does_not_end_it():
    reviewer = make_user()
    held = make_round(lease_by=reviewer, seen_fence=1)
    hold(held, reviewer)

    with pytest.raises(Refused) as refusal:
        operations.renew(held, fence=1, by=reviewer)

    assert refusal.value.code == "lease-lost"
    assert Passing.objects.standing().exists()
    assert Round.objects.get().seen_fence == 2  # what they saw, they saw


@pytest.mark.parametrize(
    ("until", "sentence"),
    [(timedelta(minutes=4), "at least five minutes"), (timedelta(hours=9), "at the latest")],
)
def test_a_hold_is_as_long_as_its_queue_allows(until, sentence):
    reviewer = make_user()
    held = make_round(queue=make_queue(longest_hold=timedelta(hours=8)), lease_by=reviewer)

    with pytest.raises(Refused, match=sentence) as refusal:
        hold(held, reviewer, until=timezone.now() + until)

    assert list(refusal.value.errors) == ["until"]
    assert not Passing.objects.exists()
    assert not AuditEvent.objects.exists()


def test_a_person_holds_so_many_items_of_a_queue_and_no_more():
    reviewer, queue = make_user(), make_queue(most_holds=1)
    first, second, elsewhere = (make_round(queue=at, lease_by=reviewer) for at in (queue, queue, make_queue()))
    hold(first, reviewer)
    hold(first, reviewer, fence=2)  # again, with another time

    with pytest.raises(Refused, match="1 item of"):
        hold(second, reviewer)
    hold(elsewhere, reviewer)

    assert queries.holds_of(reviewer, timezone.now()).count() == 2


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_whoever_passes_an_item_on_says_why(reason):
    reviewer, other = make_user(), make_user()
    held = make_round(lease_by=reviewer)
    attempts = [
        lambda: hold(held, reviewer, reason=reason),
        lambda: hand_over(held, reviewer, other, reason=reason),
        lambda: operations.escalate(held, fence=1, reason=reason, by=reviewer),
    ]

    for attempt in attempts:
        with pytest.raises(Refused, match="Say why"):
            attempt()

    assert not Passing.objects.exists()


@pytest.mark.parametrize("fence", [1, 2])
def test_only_who_holds_it_under_this_lease_passes_it_on(fence):
    reviewer, other = make_user(), make_user()
    held = make_round(lease_by=reviewer, fence=2)
    by = other if fence == 2 else reviewer

    for attempt in (
        lambda: hold(held, by, fence=fence),
        lambda: hand_over(held, by, make_user(), fence=fence),
        lambda: operations.decline(held, fence=fence, reason="No time.", by=by),
        lambda: operations.escalate(held, fence=fence, reason="Is this new?", by=by),
    ):
        with pytest.raises(Refused) as refusal:
            attempt()
        assert refusal.value.code == "lease-lost"

    held.refresh_from_db()
    assert (held.lease_by, held.fence) == (reviewer, 2)


def test_what_became_restricted_is_not_passed_on_without_a_clearance():
    reviewer = make_user()
    held = make_round(lease_by=reviewer)
    Restriction.objects.create(generation=held.item.generation, category="child_safety", created_at=NOW)

    with pytest.raises(Refused) as refusal:
        hold(held, reviewer)

    assert refusal.value.code == "lease-lost"


# ── Handing over ─────────────────────────────────────────


def test_what_is_handed_over_waits_for_the_other_under_a_new_fence():
    giver, receiver, queue = make_user(), make_user(), make_queue(answer_within=timedelta(hours=3))
    held = make_round(queue=queue, lease_by=giver)

    passing = hand_over(held, giver, receiver)

    held.refresh_from_db()
    assert (held.lease_by, held.fence, held.lease_until) == (receiver, 2, passing.until)
    assert timedelta(hours=2, minutes=59) < passing.until - timezone.now() <= timedelta(hours=3)
    assert operations.claim(queue, by=giver) is None
    assert operations.claim(queue, by=receiver).round_id == held.pk
    assert set(AuditEvent.objects.about(receiver)) == set(AuditEvent.objects.about(held.item))
    with pytest.raises(Refused):
        review.decide(held, fence=1, verdict="benign", by=giver)


def test_what_is_declined_goes_back_to_the_queue_and_not_to_the_same_person():
    giver, receiver, queue = make_user(), make_user(), make_queue()
    held = make_round(queue=queue, lease_by=giver)
    hand_over(held, giver, receiver)

    operations.decline(held, fence=2, reason="No time today.", by=receiver)

    assert operations.claim(queue, by=receiver) is None
    assert operations.claim(queue, by=giver).round_id == held.pk
    assert [event.kind for event in AuditEvent.objects.about(held.item).order_by("pk")] == [
        "item.handed_over",
        "item.declined",
    ]


def test_what_is_not_answered_in_time_goes_to_whoever_comes_next():
    giver, receiver, queue = make_user(), make_user(), make_queue(answer_within=timedelta(hours=3))
    held = make_round(queue=queue, lease_by=giver)
    hand_over(held, giver, receiver)

    with clock.at(timezone.now() + timedelta(hours=3, minutes=1)):
        assert operations.claim(queue, by=make_user()).round_id == held.pk


def test_what_was_taken_is_not_declined_any_more():
    giver, receiver = make_user(), make_user()
    held = make_round(lease_by=giver)
    hand_over(held, giver, receiver)
    operations.renew(held, fence=2, by=receiver)

    with pytest.raises(Refused, match="does not wait for your answer"):
        operations.decline(held, fence=2, reason="No time.", by=receiver)


@pytest.mark.parametrize("role", ["policy_editor", "analyst", "auditor", "admin"])
def test_an_item_is_handed_only_to_who_may_review(role):
    giver = make_user()
    held = make_round(lease_by=giver)

    with pytest.raises(Refused, match="may not review this item"):
        hand_over(held, giver, make_user(role=role))


def test_an_item_is_not_handed_to_who_has_it_or_has_left():
    giver = make_user()
    held = make_round(lease_by=giver)

    for receiver in (giver, make_user(is_active=False)):
        with pytest.raises(Refused, match="may not review this item"):
            hand_over(held, giver, receiver)


def test_a_restricted_item_is_handed_only_to_the_cleared():
    giver, cleared, uncleared = make_user(), make_user(), make_user()
    for person in (giver, cleared):
        make_clearance(person)
    held = make_round(queue=make_queue(restricted_category="child_safety"), lease_by=giver)

    with pytest.raises(Refused, match="may not review this item"):
        hand_over(held, giver, uncleared)

    assert hand_over(held, giver, cleared).to == cleared


def test_a_second_opinion_is_not_handed_to_who_gave_the_first():
    first, giver = make_user(), make_user()
    judged = make_decision(by=first)
    opinion = make_round(item=judged.item, purpose="second_opinion", lease_by=giver)

    with pytest.raises(Refused, match="may not review this item"):
        hand_over(opinion, giver, first)


def test_nobody_is_handed_more_than_they_can_answer(monkeypatch):
    monkeypatch.setattr(rules, "MOST_HANDED", 1)
    giver, receiver = make_user(), make_user(name="Ana Ruiz")
    first, second = (make_round(lease_by=giver) for _place in range(2))
    hand_over(first, giver, receiver)

    with pytest.raises(Refused, match="Ana Ruiz has 1 item to answer"):
        hand_over(second, giver, receiver)


@pytest.mark.parametrize("lease", [dict, lambda: {"lease_by": make_user()}], ids=["free", "held"])
def test_a_lead_hands_over_what_waits_and_what_others_hold(lease):
    lead, receiver = make_user(role="lead"), make_user()
    waiting = make_round(**lease())

    operations.assign(waiting, to=receiver, reason="Please look today.", by=lead)

    waiting.refresh_from_db()
    assert waiting.lease_by == receiver
    with pytest.raises(Refused, match="Only leads"):
        operations.assign(waiting, to=make_user(), reason="Please look today.", by=receiver)


def test_a_lead_who_takes_an_item_from_its_holder_is_on_record():
    lead, holder = make_user(role="lead"), make_user()
    held = make_round(lease_by=holder)
    hold(held, holder)

    operations.release(held, by=lead)

    assert operations.claim(held.queue, by=make_user()).round_id == held.pk
    assert AuditEvent.objects.about(holder).get().kind == "item.taken_from_holder"


# ── What always holds ────────────────────────────────────


def test_what_was_said_is_never_edited():
    reviewer = make_user()
    passing = hold(make_round(lease_by=reviewer), reviewer)

    with pytest.raises(Exception, match=r"append-only|permission denied"), transaction.atomic():
        Passing.objects.filter(pk=passing.pk).update(reason="Another")


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "held"},
        {"kind": "handed_over", "until": NOW + LATER, "lease_until": NOW + LATER},
        {"kind": "held", "until": NOW, "lease_until": NOW + LATER},
        {"kind": "held", "until": NOW + LATER, "lease_until": NOW + timedelta(hours=1)},
    ],
)
def test_a_passing_is_whole(values):
    with pytest.raises(IntegrityError), transaction.atomic():
        Passing.objects.create(round=make_round(), by=make_user(), reason="Why", at=NOW, fence=1, **values)


# ── At the same time ─────────────────────────────────────


def at_once(*doings):
    """Do all at once, each on a connection of its own; return what each gave or raised."""
    start, results = threading.Barrier(len(doings)), [None] * len(doings)

    def run(place, doing):
        try:
            connection.ensure_connection()
            start.wait(5)
            results[place] = doing()
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[place, doing]) for place, doing in enumerate(doings)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result for result in results if isinstance(result, Exception) and not isinstance(result, Refused)] == []
    return results


@pytest.mark.django_db(transaction=True)
def test_holds_at_once_do_not_pass_the_limit():
    reviewer, queue = make_user(), make_queue(most_holds=1)
    rounds = [make_round(queue=queue, lease_by=reviewer) for _place in range(4)]

    results = at_once(*(lambda round=round: hold(round, reviewer) for round in rounds))

    assert sum(isinstance(result, Passing) for result in results) == 1
    assert queries.holds_of(reviewer, timezone.now()).count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_item_that_is_passed_on_in_two_ways_at_once_goes_one_of_them():
    reviewer, receivers = make_user(), [make_user() for _place in range(3)]
    held = make_round(lease_by=reviewer)

    results = at_once(
        *(lambda to=to: hand_over(held, reviewer, to) for to in receivers),
        lambda: operations.escalate(held, fence=1, reason="Is this new?", by=reviewer),
        lambda: review.decide(held, fence=1, verdict="benign", by=reviewer),
    )

    assert sum(not isinstance(result, Refused) for result in results) == 1
    assert Passing.objects.count() + Round.objects.filter(status="closed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_who_waited_for_an_item_that_was_just_moved_is_told_that_it_is_gone():
    reviewer, moved = make_user(), threading.Event()
    held = make_round(lease_by=reviewer)

    def escalate():
        with transaction.atomic():
            operations.escalate(held, fence=1, reason="Is this new?", by=reviewer)
            moved.set()
            with connection.cursor() as cursor:
                for _turn in range(500):  # until the other one waits for the row
                    cursor.execute("select pg_sleep(0.01), count(*) from pg_locks where not granted")
                    if cursor.fetchone()[1]:
                        break
        return held

    def release():
        moved.wait(10)
        return operations.release(held, by=reviewer)

    _escalated, released = at_once(escalate, release)

    assert isinstance(released, Refused)
