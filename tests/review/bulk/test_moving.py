"""Moving, re-prioritising and releasing in bulk, and putting back what was moved."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from incidents.queues.models import Passing, Round
from incidents.review import tasks
from incidents.review.bulk import operations as bulks
from tests.factories import make_queue, make_round, make_user
from tests.review.bulk.acting import fresh, make_rounds, outcomes, select, start, take_back, work_on
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


def test_moving_and_taking_back_puts_each_where_it_was():
    queue, to = make_queue(), make_queue()
    first, second, held = (make_round(queue=queue, priority=priority) for priority in (1, 5, 0))
    bulk = start(select(queue), action="move", values={"queue": to.pk})
    Round.objects.filter(pk=held.pk).update(lease_by=make_user(), lease_until=timezone.now() + timedelta(hours=1))

    tasks.do_in_bulk()

    where = Round.objects.order_by("pk").values_list("queue", "priority")
    assert list(where) == [(to.pk, 1), (to.pk, 5), (queue.pk, 0)]
    assert outcomes(bulk) == ["done", "done", "skipped"]
    assert Passing.objects.filter(kind="moved", by=bulk.made_by).count() == 2
    assert AuditEvent.objects.filter(kind="item.moved").count() == 2

    Round.objects.filter(pk=second.pk).update(priority=9)
    bulk = take_back(fresh(bulk))

    assert list(where.all()) == [(queue.pk, 1), (to.pk, 9), (queue.pk, 0)]
    assert outcomes(bulk) == ["undone", "kept", "skipped"]
    assert bulk.parts.get(place=1).why == "It was moved again since."
    assert first.pk


def test_what_is_put_back_says_so_in_the_language_of_the_organisation():
    bulk = work_on(select(make_rounds(1)[0].queue), action="priority", values={"priority": 7})

    with translation.override("de"):
        take_back(bulk)

    assert Passing.objects.latest("pk").reason == f"Taken back: {bulk.reason}"


def test_priority_is_changed_where_each_waits_and_taken_back():
    rounds = make_rounds(2)
    bulk = work_on(select(rounds[0].queue), action="priority", values={"priority": 7})
    assert set(Round.objects.values_list("queue", "priority")) == {(rounds[0].queue_id, 7)}

    take_back(bulk)

    assert set(Round.objects.values_list("queue", "priority")) == {(rounds[0].queue_id, 0)}


def test_releasing_frees_what_is_held_and_cannot_be_taken_back():
    queue = make_queue()
    make_rounds(2, queue=queue, lease_by=make_user())
    make_round(queue=queue)

    bulk = work_on(select(queue), action="release", values={})

    assert outcomes(bulk) == ["done", "done", "skipped"]
    assert not Round.objects.held().exists()
    assert AuditEvent.objects.filter(kind="item.taken_from_holder").count() == 2
    with pytest.raises(Refused, match="not given back"):
        bulks.undo(bulk, by=bulk.made_by)
