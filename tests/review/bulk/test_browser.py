"""A bulk action as it looks, and by keyboard alone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.queues.models import Round
from incidents.review import tasks
from incidents.review.models import Bulk, Decision
from tests.factories import make_clause, make_generation, make_item, make_queue, make_round, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_it_is_done_and_taken_back_by_the_printed_keys_and_reads_well_in_every_dress(visitor):
    now, ana = timezone.now(), make_user(name="Ana Ruiz")
    make_clause()
    for queue in (make_queue(name="Health claims"), make_queue(name="Cyber and malware")):
        for number in range(3):
            generation = make_generation(use_case="Shop assistant", model="m-large-2", language="en")
            make_round(
                queue=queue,
                item=make_item(generation=generation),
                due_at=now + timedelta(hours=2 * number - 1),
                created_at=now - timedelta(hours=9),
            )
    page = visitor.open("/queues/all/?language=en", by=make_user(role="lead", name="Bo Lind"))
    assert visitor.faults_in_every_dress(page) == []

    page.keyboard.press("x")
    page.get_by_role("heading", name="6 items match").wait_for()
    assert visitor.faults_in_every_dress(page) == []

    page.keyboard.press("Shift+Y")
    page.get_by_text("Choose what to do.").first.wait_for()
    assert visitor.faults_in_every_dress(page) == []

    page.get_by_label("Judge as benign").focus()
    page.keyboard.press("Space")
    page.get_by_label("Why", exact=True).focus()
    page.keyboard.type("The shop tested its own filter")
    page.get_by_role("button", name="Do it with all 6 items").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Under way").wait_for()
    assert visitor.faults_in_every_dress(page) == []

    held = Round.objects.latest("pk")
    Round.objects.filter(pk=held.pk).update(lease_by=ana, lease_until=now + timedelta(hours=1))
    tasks.do_in_bulk()
    page.get_by_role("heading", name="Left alone, and why").wait_for()
    page.get_by_text("Ana Ruiz holds it.").wait_for()
    assert Decision.objects.count() == 5
    assert visitor.faults_in_every_dress(page) == []

    page.keyboard.press("z")
    page.get_by_role("heading", name="Taking back").wait_for()
    tasks.undo_in_bulk()
    page.get_by_text("Taken back", exact=True).first.wait_for()
    assert list(Bulk.objects.get().parts.values_list("outcome", flat=True).order_by("place")) == [
        *["undone"] * 5,
        "skipped",
    ]
    page = visitor.open("/items/bulk/", by=make_user(role="lead"))
    assert visitor.faults_in_every_dress(page) == []
