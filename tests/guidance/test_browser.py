"""The page of suggestions by keyboard alone."""

import pytest

from incidents.guidance.models import Suggestion
from tests.factories import make_user
from tests.guidance.factories import make_suggestion, make_unfit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_keys_act_on_the_suggestion_at_hand_and_on_none_before_one_is_chosen(visitor):
    large, small = make_suggestion(make_unfit(), make_unfit()), make_suggestion()
    page = visitor.open("/policies/gaps/suggested/", by=make_user(role="lead"))

    page.keyboard.press("Shift+D")
    page.locator(f"#suggestion-{large.pk}:focus").wait_for()
    assert Suggestion.objects.offered().count() == 2

    page.keyboard.press("j")
    page.keyboard.press("Shift+D")
    page.get_by_text("The suggestion is dismissed.").wait_for()
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.get_by_text("They are in the gap").wait_for()

    assert {one.pk: one.status for one in Suggestion.objects.all()} == {large.pk: "taken", small.pk: "dismissed"}
