"""Search in a real browser, by keyboard alone."""

import pytest

from incidents.search import finding
from incidents.wellbeing.models import Exposure
from tests.factories import make_user
from tests.harness.browser import Visitor, until
from tests.search.factories import index, make_searchable
from trust.audit.models import AuditEvent
from trust.saved.models import SavedView

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_lead_searches_reveals_and_saves_by_keyboard_alone(visitor: Visitor):
    lead = make_user(role="lead")
    items = [make_searchable(f"A green kettle, number {number}, behind the shed") for number in range(3)]
    index()
    page = visitor.open("/", by=lead)

    page.keyboard.press("/")
    page.wait_for_url("**/search/")
    page.keyboard.type('"green kettle"')
    page.keyboard.press("Enter")
    page.wait_for_selector("text=3 in all")
    assert "shed" not in page.content()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert "Name of the view\nC" in page.locator("#keys .keys li").all_inner_texts()
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    page.wait_for_selector("mark.span")

    page.wait_for_selector("[id^=revealed-]:focus")
    assert visitor.faults_in_every_dress(page) == []
    assert AuditEvent.objects.filter(kind="content.viewed").count() == 1
    until(page, lambda: Exposure.objects.filter(person=lead, item_id=items[1].pk, is_reveal=True).exists())

    page.keyboard.press("c")
    page.keyboard.type("Kettles")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Saved as")
    assert SavedView.objects.get().query == {"q": '"green kettle"'}

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/items/{items[-1].pk}/")


def test_what_is_too_much_to_be_counted_at_once_is_counted_once_it_stands_there(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(finding, "MOST_COUNTED", 2)
    monkeypatch.setattr(finding, "PAGE_SIZE", 2)
    for _place in range(4):
        make_searchable("A green kettle behind the shed")
    index()

    page = visitor.open("/search/?q=kettle", by=make_user(role="lead"))

    page.wait_for_selector("[role=status] >> text=4 in all")
    page.wait_for_selector("#days >> text=By day")
    assert page.locator("#days").count() == 1


@pytest.mark.long
def test_what_cannot_be_read_and_what_is_not_there_stay_accessible(visitor: Visitor):
    lead = make_user(role="lead")
    for query in ('"half author:me', "kettle"):
        page = visitor.open(f"/search/?q={query}", by=lead)
        assert visitor.faults_in_every_dress(page) == []
        assert page.locator("input[name=q]").first.input_value() == query


def test_reveal_works_without_script(visitor: Visitor):
    lead = make_user(role="lead")
    make_searchable("A green kettle behind the shed")
    index()
    page = visitor.open("/healthz", by=lead)
    page.route("**/*.js", lambda route: route.abort())

    page.goto("/search/?q=kettle")
    page.get_by_role("button", name="Reveal").click()

    assert "behind the shed" in page.locator("main").inner_text()
    page.get_by_role("link", name="Search").last.click()
    assert page.locator("input[name=q]").first.input_value() == "kettle"
