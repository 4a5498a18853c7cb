"""Two people in two browsers and one item: a hold that ends and is taken by the other keeps what was typed."""

import pytest
from django.utils import timezone

from incidents.queues.models import Round
from incidents.review.models import Decision
from tests.factories import make_user
from tests.review.stage import make_spam_queue, make_waiting

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def claim(page, held: Round) -> None:
    page.keyboard.press("1")
    page.wait_for_url(f"**/items/{held.item_id}/")
    page.locator("[name=note]").wait_for()


def test_a_stolen_hold_keeps_the_draft_and_decides_nothing(visitor):
    ana, bo = make_user(name="Ana Ruiz"), make_user(name="Bo Lind")
    queue = make_spam_queue()
    held, after = make_waiting(queue), make_waiting(queue)
    of_ana = visitor.open("/queues/health-spam/", by=ana)
    claim(of_ana, held)
    of_ana.keyboard.press("n")
    with of_ana.expect_response("**/draft/"):
        of_ana.keyboard.type("Typed with care")
    of_ana.keyboard.press("Escape")
    Round.objects.filter(pk=held.pk).update(lease_until=timezone.now())
    of_bo = visitor.open("/queues/health-spam/", by=bo)
    claim(of_bo, held)

    of_ana.keyboard.press("b")
    of_ana.keyboard.press("Enter")

    of_ana.get_by_text("Bo Lind holds it now.").wait_for()
    assert of_ana.get_by_text("Typed with care").is_visible()
    assert not of_ana.get_by_text("Three cups").count()
    assert not Decision.objects.exists()
    assert of_bo.locator("[name=note]").input_value() == ""

    of_bo.keyboard.press("c")
    of_bo.keyboard.press("Enter")
    of_bo.wait_for_url(f"**/items/{after.item_id}/**")
    of_bo.get_by_text(f"Item {held.item_id} decided").wait_for()
    of_ana.goto(f"/items/{held.item_id}/")

    of_ana.get_by_text("It was decided by Bo Lind").wait_for()
    assert of_ana.get_by_text("Typed with care").is_visible()
    assert [(one.by, one.verdict) for one in Decision.objects.all()] == [(bo, "cannot_judge")]
