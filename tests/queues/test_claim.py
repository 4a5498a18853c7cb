import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from incidents.intake.models import Restriction
from incidents.queues import operations
from incidents.queues.models import Round, Skip
from tests.factories import NOW, make_clearance, make_queue, make_round, make_user
from trust import clock
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


def test_a_claim_leases_the_round_under_a_new_fence():
    reviewer = make_user()
    waiting = make_round(queue=make_queue(lease=timedelta(minutes=20)))

    claim = operations.claim(waiting.queue, by=reviewer)

    waiting.refresh_from_db()
    assert (claim.round_id, claim.item_id, claim.fence) == (waiting.pk, waiting.item_id, 1)
    assert (waiting.lease_by, waiting.lease_until, waiting.fence) == (reviewer, claim.until, 1)
    assert timedelta(minutes=19) < claim.until - timezone.now() <= timedelta(minutes=20)


def test_rounds_are_handed_out_by_priority_then_due_time_then_age():
    queue = make_queue()
    last = make_round(queue=queue, due_at=NOW + timedelta(hours=2))
    third = make_round(queue=queue, due_at=NOW + timedelta(hours=1))
    fourth = make_round(queue=queue, due_at=NOW + timedelta(hours=1))
    second = make_round(queue=queue, due_at=NOW + timedelta(hours=9), priority=1)
    first = make_round(queue=queue, due_at=NOW + timedelta(hours=8), priority=1)

    claims = [operations.claim(queue, by=make_user()).round_id for _round in range(5)]

    assert claims == [waiting.pk for waiting in (first, second, third, fourth, last)]


def test_nothing_comes_of_an_empty_queue_or_of_other_queues():
    make_round()

    assert operations.claim(make_queue(), by=make_user()) is None


def test_who_holds_a_round_of_the_queue_gets_that_one_back_under_the_same_fence():
    reviewer, queue = make_user(), make_queue()
    make_round(queue=queue, priority=1)
    held = make_round(queue=queue)
    Round.objects.filter(pk=held.pk).update(
        lease_by=reviewer, lease_until=timezone.now() + timedelta(minutes=1), fence=3
    )

    claim = operations.claim(queue, by=reviewer)

    assert (claim.round_id, claim.fence) == (held.pk, 3)
    assert claim.until > timezone.now() + timedelta(minutes=10)


def test_what_another_holds_is_not_handed_out():
    held = make_round(lease_by=make_user())

    assert operations.claim(held.queue, by=make_user()) is None


def test_a_lease_that_ran_out_is_handed_on_under_a_higher_fence():
    lapsed = make_round(lease_by=make_user(), lease_until=timezone.now() - timedelta(seconds=1), fence=4)
    reviewer = make_user()

    claim = operations.claim(lapsed.queue, by=reviewer)

    assert (claim.round_id, claim.fence) == (lapsed.pk, 5)


def test_a_claim_happens_at_the_given_moment_while_history_is_made():
    waiting = make_round(queue=make_queue(lease=timedelta(minutes=15)))

    with clock.at(NOW):
        claim = operations.claim(waiting.queue, by=make_user())

    assert claim.until == NOW + timedelta(minutes=15)


def test_closed_rounds_are_not_handed_out():
    closed = make_round(status="closed", closed_at=NOW, closed_by=make_user())

    assert operations.claim(closed.queue, by=make_user()) is None


def test_a_second_opinion_does_not_go_to_who_gave_the_first():
    first, other = make_user(), make_user()
    judged = make_round(status="closed", closed_at=NOW, closed_by=first)
    opinion = make_round(item=judged.item, purpose="second_opinion")

    assert operations.claim(opinion.queue, by=first) is None
    assert operations.claim(opinion.queue, by=other).round_id == opinion.pk


@pytest.mark.parametrize("role", ["policy_editor", "policy_approver", "analyst", "auditor", "admin"])
def test_only_reviewers_and_leads_claim(role):
    waiting = make_round()

    with pytest.raises(Refused, match="Only reviewers and leads"):
        operations.claim(waiting.queue, by=make_user(role=role))

    waiting.refresh_from_db()
    assert waiting.lease_by is None


def test_a_restricted_queue_takes_a_clearance_in_force():
    queue = make_queue(restricted_category="child_safety")
    waiting = make_round(queue=queue)
    uncleared, cleared = make_user(role="lead"), make_user()
    make_clearance(cleared)
    make_clearance(uncleared, expires_at=timezone.now() - timedelta(minutes=1))

    with pytest.raises(Refused, match="clearance for Child safety"):
        operations.claim(queue, by=uncleared)

    assert operations.claim(queue, by=cleared).round_id == waiting.pk


# ── What became restricted, before routing moves it to its own queue ──


def restrict(waiting):
    Restriction.objects.create(generation=waiting.item.generation, category="child_safety", created_at=NOW)


def lapsed_lease():
    return {"lease_by": make_user(), "lease_until": timezone.now() - timedelta(minutes=1)}


@pytest.mark.parametrize("lease", [dict, lapsed_lease])
def test_what_became_restricted_is_not_handed_out_by_another_queue(lease):
    queue = make_queue()
    restrict(make_round(queue=queue, priority=1, **lease()))
    following = make_round(queue=queue)

    assert operations.claim(queue, by=make_user()).round_id == following.pk
    assert operations.claim(queue, by=make_user()) is None


def test_a_held_round_that_became_restricted_is_not_handed_back():
    reviewer, queue = make_user(), make_queue()
    restrict(make_round(queue=queue, priority=1, lease_by=reviewer))
    following = make_round(queue=queue)

    assert operations.claim(queue, by=reviewer).round_id == following.pk


def test_a_hold_on_what_became_restricted_is_renewed_only_with_a_clearance():
    uncleared, cleared = make_user(), make_user()
    make_clearance(cleared)
    first, second = (make_round(lease_by=person) for person in (uncleared, cleared))
    for held in (first, second):
        restrict(held)

    with pytest.raises(Refused) as refusal:
        operations.renew(first, fence=1, by=uncleared)

    assert refusal.value.code == "lease-lost"
    assert operations.renew(second, fence=1, by=cleared) > timezone.now()


def test_a_claim_is_one_statement(django_assert_num_queries):
    waiting, reviewer = make_round(), make_user()

    with django_assert_num_queries(1):
        operations.claim(waiting.queue, by=reviewer)


@pytest.mark.django_db(transaction=True)
def test_reviewers_at_once_never_get_the_same_round():
    queue = make_queue()
    rounds = {make_round(queue=queue).pk for _round in range(6)}
    reviewers = [make_user() for _reviewer in range(8)]
    start = threading.Barrier(len(reviewers))
    claims = []

    def claim(reviewer):
        try:
            connection.ensure_connection()
            start.wait(5)
            claims.append(operations.claim(queue, by=reviewer))
        finally:
            connection.close()

    threads = [threading.Thread(target=claim, args=[reviewer]) for reviewer in reviewers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    taken = [claim.round_id for claim in claims if claim]
    assert sorted(taken) == sorted(rounds)
    assert claims.count(None) == 2


@pytest.mark.django_db(transaction=True)
def test_a_claim_does_not_wait_for_a_round_that_another_is_just_taking():
    queue = make_queue()
    first, second = make_round(queue=queue, priority=1), make_round(queue=queue)
    reviewer = make_user()
    taken, done = threading.Event(), threading.Event()

    def hold_the_first():
        with transaction.atomic():
            Round.objects.select_for_update().get(pk=first.pk)
            taken.set()
            done.wait(5)
        connection.close()

    other = threading.Thread(target=hold_the_first)
    other.start()
    taken.wait(5)
    try:
        claim = operations.claim(queue, by=reviewer)
    finally:
        done.set()
        other.join()

    assert claim.round_id == second.pk


# ── Keeping it and giving it back ────────────────────────


def test_a_lease_is_renewed_by_who_holds_it():
    reviewer = make_user()
    held = make_round(lease_by=reviewer, lease_until=timezone.now() + timedelta(minutes=1))

    until = operations.renew(held, fence=1, by=reviewer)

    assert until > timezone.now() + timedelta(minutes=14)


def test_a_lease_that_ran_out_can_be_taken_up_again_while_nobody_else_did():
    reviewer = make_user()
    lapsed = make_round(lease_by=reviewer, lease_until=timezone.now() - timedelta(minutes=1))

    assert operations.renew(lapsed, fence=1, by=reviewer) > timezone.now()


def test_a_lease_under_an_older_fence_is_lost():
    reviewer = make_user()
    held = make_round(lease_by=reviewer, fence=2)

    with pytest.raises(Refused) as refusal:
        operations.renew(held, fence=1, by=reviewer)

    assert refusal.value.code == "lease-lost"


def test_what_its_reviewer_left_goes_back_in_three_minutes_unless_they_return():
    reviewer = make_user()
    left, returned, short = (make_round(queue=make_queue(), lease_by=reviewer) for _place in range(3))
    Round.objects.filter(pk=short.pk).update(lease_until=timezone.now() + timedelta(seconds=30))
    for held in (left, returned, short):
        operations.leave(held, fence=1, by=reviewer)
    operations.renew(returned, fence=1, by=reviewer)

    with clock.at(timezone.now() + timedelta(minutes=3, seconds=1)):
        claims = [operations.claim(held.queue, by=make_user()) for held in (left, returned, short)]

    short.refresh_from_db()
    assert [claim is not None for claim in claims] == [True, False, True]


@pytest.mark.parametrize("fence", [1, 2])
def test_only_who_holds_it_under_this_lease_leaves_it(fence):
    reviewer, until = make_user(), timezone.now() + timedelta(minutes=9)
    held = make_round(lease_by=reviewer, lease_until=until, fence=2)

    operations.leave(held, fence=fence, by=make_user() if fence == 2 else reviewer)

    held.refresh_from_db()
    assert held.lease_until == until


def test_what_was_put_on_hold_on_the_way_stays_on_hold():
    reviewer, until = make_user(), timezone.now() + timedelta(hours=2)
    held = make_round(lease_by=reviewer)
    operations.hold(held, fence=1, until=until, reason="Until noon", by=reviewer)

    operations.leave(held, fence=1, by=reviewer)

    held.refresh_from_db()
    assert held.lease_until > until


def test_a_round_is_released_by_its_holder_or_a_lead():
    reviewer, lead = make_user(), make_user(role="lead")
    own, others = make_round(lease_by=reviewer), make_round(lease_by=reviewer)

    operations.release(own, by=reviewer)
    operations.release(others, by=lead)

    assert Round.objects.free().count() == 2


def test_a_round_is_not_released_by_another_reviewer():
    holder = make_user(name="Ana Ruiz")
    held = make_round(lease_by=holder)

    with pytest.raises(Refused, match="Ana Ruiz holds this item"):
        operations.release(held, by=make_user())

    held.refresh_from_db()
    assert held.lease_by == holder


def test_what_nobody_holds_is_not_released():
    with pytest.raises(Refused, match="Nobody holds"):
        operations.release(make_round(), by=make_user())


def test_a_skipped_round_goes_to_others_first():
    reviewer, queue = make_user(), make_queue()
    skipped = make_round(queue=queue, priority=1, lease_by=reviewer)
    following = make_round(queue=queue)

    operations.skip(skipped, by=reviewer)

    assert operations.claim(queue, by=reviewer).round_id == following.pk
    assert operations.claim(queue, by=make_user()).round_id == skipped.pk


def test_a_skipped_round_comes_back_after_a_while():
    reviewer, queue = make_user(), make_queue()
    skipped = make_round(queue=queue, lease_by=reviewer)
    operations.skip(skipped, by=reviewer)
    Skip.objects.update(until=timezone.now() - timedelta(minutes=1))

    assert operations.claim(queue, by=reviewer).round_id == skipped.pk


def test_only_the_holder_skips():
    held = make_round(lease_by=make_user())

    with pytest.raises(Refused, match="do not hold"):
        operations.skip(held, by=make_user(role="lead"))

    assert not Skip.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_only_the_claim_itself_does_not_wait_for_the_disk():
    queue, reviewer = make_queue(), make_user()
    make_round(queue=queue)
    with connection.cursor() as cursor:
        cursor.execute("set synchronous_commit to on")

        claim = operations.claim(queue, by=reviewer)

        cursor.execute("show synchronous_commit")
        assert (claim.fence, cursor.fetchone()[0]) == (1, "on")
