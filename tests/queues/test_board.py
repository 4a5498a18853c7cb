from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents.intake.models import Restriction
from incidents.queues import board, operations
from incidents.queues.models import Queue, Round
from tests.factories import NOW, make_queue, make_round, make_user
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("came_in", "went_out", "left"),
    [(10, 20, timedelta(hours=4)), (0, 80, timedelta(minutes=30)), (20, 20, None), (20, 10, None), (0, 0, None)],
)
def test_a_queue_is_empty_after_waiting_by_out_minus_in(came_in, went_out, left):
    assert board.time_until_empty(40, came_in=came_in, went_out=went_out) == left


def test_a_forecast_that_cannot_be_made_says_so():
    make_queue(name="Empty")
    make_round(queue=make_queue(name="Standing"))

    lines = board.board(make_user(role="lead"), timezone.now()).lines

    assert {
        line.state.queue.name: line.forecast for line in lines if line.state.queue.name in {"Empty", "Standing"}
    } == {
        "Empty": "nothing waits",
        "Standing": "not at this pace",
    }


def test_the_board_says_who_has_what_by_name_and_how():
    now, queue = timezone.now(), make_queue()
    bo, ana = make_user(name="Bo Lind"), make_user(name="Ana Ruiz")
    working, sleeping, handed = (make_round(queue=queue, lease_by=person) for person in (ana, bo, ana))
    make_round(queue=queue, lease_by=bo, lease_until=now - timedelta(minutes=1))
    operations.hold(sleeping, fence=1, until=now + timedelta(hours=2), reason="Until noon", by=bo)
    operations.hand_over(handed, fence=1, to=bo, reason="You know it", by=ana)

    works = board.board(make_user(role="lead"), now).works

    assert [(work.round.pk, work.kind, work.reason) for work in works] == [
        (working.pk, "Works on it", ""),
        (sleeping.pk, "On hold", "Until noon"),
        (handed.pk, "Handed over by Ana Ruiz", "You know it"),
    ]


def test_what_is_restricted_stands_on_no_board_without_a_clearance():
    held = make_round(lease_by=make_user())
    Restriction.objects.create(generation=held.item.generation, category="child_safety", created_at=NOW)

    assert board.board(make_user(role="lead"), timezone.now()).works == []


def test_the_board_takes_the_same_queries_with_two_and_with_sixty(client):
    client.force_login(make_user(role="lead"))
    counts = []
    for rows in (2, 58):
        for _row in range(rows):
            make_round(queue=make_queue(), lease_by=make_user())
        with CaptureQueriesContext(connection) as queries:
            page = client.get("/queues/board/")
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert page.content.decode().count("Works on it") == 60


def test_a_lead_releases_what_another_holds_from_the_board(client):
    client.force_login(make_user(role="lead"))
    held = make_round(lease_by=make_user())

    page = client.post(f"/queues/board/rounds/{held.pk}/release/", follow=True).content.decode()

    assert f"Item {held.item_id} is back in its queue." in page
    assert Round.objects.free().get() == held


# ── How a queue works ────────────────────────────────────

TYPED = {"lease_minutes": "20", "hold_hours": "24", "most_holds": "0", "answer_hours": "2"}


def test_a_lead_sets_how_long_leases_holds_and_answers_are(client):
    queue, lead = make_queue(), make_user(role="lead")
    client.force_login(lead)

    client.post(f"/queues/{queue.slug}/set-up/", TYPED)

    queue.refresh_from_db()
    assert (queue.lease, queue.longest_hold) == (timedelta(minutes=20), timedelta(days=1))
    assert (queue.most_holds, queue.answer_within) == (0, timedelta(hours=2))
    assert AuditEvent.objects.about(queue).get().kind == "queue.set_up"
    held = make_round(queue=queue, lease_by=lead)
    with pytest.raises(Refused, match="not kept on hold"):
        operations.hold(held, fence=1, until=timezone.now() + timedelta(hours=1), reason="Why", by=lead)


@pytest.mark.parametrize("name", TYPED)
def test_a_number_out_of_bounds_is_told_beside_its_field(client, name):
    queue = make_queue()
    client.force_login(make_user(role="lead"))

    answer = client.post(f"/queues/{queue.slug}/set-up/", TYPED | {name: "99999999999"})

    assert answer.status_code == 422
    assert "less than or equal to" in answer.content.decode()
    assert AuditEvent.objects.count() == 0


def test_a_reviewer_changes_nothing_about_a_queue():
    queue = Queue.objects.get(pk=make_queue().pk)

    with pytest.raises(Refused, match="Only leads"):
        operations.set_up_queue(
            queue,
            lease=timedelta(minutes=1),
            longest_hold=timedelta(hours=1),
            most_holds=1,
            answer_within=timedelta(hours=1),
            by=make_user(),
        )
