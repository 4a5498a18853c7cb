"""The lead's board and the page that sets a queue up, as they look and by keyboard."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.queues import operations
from tests.factories import make_queue, make_round, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_board_is_right_in_every_dress(visitor):
    now, bo = timezone.now(), make_user(name="Bo Lind")
    health, cyber = make_queue(name="Health claims"), make_queue(name="Cyber and malware")
    for queue in (health, health, cyber):
        make_round(queue=queue, due_at=now + timedelta(hours=3), created_at=now - timedelta(hours=20))
    make_round(queue=health, lease_by=make_user(name="Ana Ruiz"), lease_until=now + timedelta(minutes=9))
    sleeping = make_round(queue=cyber, lease_by=bo)
    operations.hold(sleeping, fence=1, until=now + timedelta(hours=2), reason="Until the shop answers", by=bo)

    page = visitor.open("/queues/board/", by=make_user(role="lead"))
    page.get_by_text("Until the shop answers").wait_for()

    assert visitor.faults_in_every_dress(page) == []


def test_a_queue_is_set_up_by_keyboard_alone(visitor):
    queue = make_queue()
    page = visitor.open(f"/queues/{queue.slug}/set-up/", by=make_user(role="lead"))
    page.get_by_label("Longest hold").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("12")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/queues/{queue.slug}/")
    queue.refresh_from_db()
    assert queue.longest_hold == timedelta(hours=12)
    assert visitor.faults_in_every_dress(page) == []
