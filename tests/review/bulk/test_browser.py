"""A bulk action as it looks, and by keyboard alone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.queues.models import Round
from incidents.review import tasks
from incidents.review.models import Bulk, Decision
from tests.factories import make_alert, make_clause, make_generation, make_item, make_queue, make_round, make_user

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

    page.keyboard.press("Shift+A")
    page.get_by_role("heading", name="6 items match").wait_for()
    assert visitor.faults_in_every_dress(page) == []

    page.keyboard.press("Shift+Y")
    page.get_by_text("Choose what to do.").first.wait_for()
    assert visitor.faults_in_every_dress(page) == []

    page.keyboard.press("b")
    page.keyboard.press("n")
    page.keyboard.type("The shop tested its own b1vM filter")  # keys are off while typing
    page.keyboard.press("Escape")
    assert page.get_by_label("Judge as benign").is_checked()
    page.keyboard.press("Shift+Y")
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


def test_rows_are_ticked_and_judged_by_the_keys_of_the_item_page(visitor):
    now, text = timezone.now(), make_clause(usual_severity=2, title="False health claims")
    rounds = [make_round(due_at=now + timedelta(hours=hours)) for hours in range(1, 5)]
    make_alert(generation=rounds[0].item.generation, flagged=[text.clause.key])
    page = visitor.open("/queues/all/", by=make_user(role="lead"))

    for key in ("j", "x", "j", "j", "Shift+X", "k", "x"):  # the first three, then without the second
        page.keyboard.press(key)
    assert page.locator("[data-selected]").inner_text() == "2"
    page.keyboard.press("a")
    page.get_by_role("heading", name="2 items match").wait_for()
    page.keyboard.press("?")
    assert page.locator("#keys li", has_text="Judge as violating one clause").locator("kbd").text_content() == "V"
    page.keyboard.press("Escape")
    assert visitor.faults_in_every_dress(page) == []
    page.keyboard.press("1")
    page.keyboard.press("]")
    assert page.get_by_label("Judge as violating one clause").is_checked()
    assert page.locator("[name=severity]:checked").input_value() == "3"
    page.keyboard.press("n")
    page.keyboard.type("One campaign")
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+Y")
    page.get_by_role("heading", name="Under way").wait_for()

    bulk = Bulk.objects.get()
    assert bulk.values == {"clause": text.clause.key, "severity": 3, "version": text.version.number}
    assert set(bulk.parts.values_list("round", flat=True)) == {rounds[0].pk, rounds[2].pk}
