"""The policy pages in a real Chromium: accessible in every dress, and published by keyboard."""

import pytest
from django.urls import reverse

from policies import operations, pack
from policies.models import Clause, PolicyGap, PolicyVersion
from tests.factories import make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def clause() -> Clause:
    """A clause of the default pack, changed in version 2, with a third version in review and two gaps."""
    operations.install_pack(pack.load())
    clause = Clause.objects.get(key="spam.reviews")
    operations.publish_version(make_change(clause, "spoken"), reason="Clearer.", by=make_user(role="policy_approver"))
    operations.join_gap("votes <b>for a pet</b> contest‮", by=None)
    gap = operations.join_gap("birthday verses", by=None)
    make_change(clause, "given", gap=gap)
    return clause


def make_change(clause: Clause, word: str, gap=None) -> PolicyVersion:
    author = make_user(role="policy_editor", name="Mira Sand")
    wording = operations.Wording(
        title="Invented reviews and votes",
        definition=f"Ratings or ballots in the name of customers who do not exist or have not {word} so.",
        public_text="Do not write reviews or votes that pretend to come from people who did not give them.",
    )
    version = operations.draft_clause(clause, wording=wording, change_note="It was unclear.", gap=gap, by=author)
    return operations.submit_for_review(version, by=author)


@pytest.mark.long
@pytest.mark.parametrize(
    "path",
    [
        "/policies/",
        "/policies/gaps/",
        "/policies/gaps/{gap}/",
        "/policies/child_safety/",
        "/policies/spam/versions/",
        "/policies/clauses/spam.reviews/",
        "/policies/clauses/spam.reviews/versions/1/",
        "/policies/clauses/spam.reviews/draft/",
        "/policies/clauses/hate.slurs/draft/",
        "/policies/spam/versions/3/review/",
        "/policies/spam/compare/",
        "/policies/spam/versions/1/to/2/",
        "/policies/spam/versions/2/to/3/?look=inline",
    ],
)
@pytest.mark.usefixtures("clause")
def test_every_page_is_accessible(visitor, path):
    address = path.format(gap=PolicyGap.objects.get(title="birthday verses").pk)
    page = visitor.open(address, by=make_user(roles=["policy_editor", "policy_approver"]))

    assert page.locator("h1").count() == 1
    assert visitor.faults_in_every_dress(page) == []


@pytest.mark.usefixtures("clause")
def test_versions_are_chosen_and_looked_at_by_keyboard_and_print_without_menus(visitor):
    page = visitor.open("/policies/spam/compare/", by=make_user())

    page.get_by_label("From").select_option("1")
    page.get_by_role("heading", level=1).focus()
    page.keyboard.press("v")
    page.wait_for_url("**/versions/1/to/2/")
    page.keyboard.press("i")
    page.wait_for_url("**/versions/1/to/2/?look=inline")
    page.emulate_media(media="print")

    assert page.locator(".diff.inline ins").first.is_visible()
    assert not page.locator("form").first.is_visible()
    assert not page.locator(".tabs").is_visible()


@pytest.mark.usefixtures("clause")
def test_a_folded_table_shows_no_stack_of_column_names(visitor):
    page = visitor.open("/policies/", by=make_user(), size=(390, 844))

    assert page.locator(".table.folds thead").first.bounding_box()["height"] <= 1


@pytest.mark.usefixtures("clause")
def test_cells_of_a_folded_table_say_what_they_hold(visitor):
    page = visitor.open("/policies/", by=make_user(), size=(390, 844))
    heads = page.locator(".table.folds thead th").all_inner_texts()

    told = (
        page.locator(".table.folds tbody tr")
        .first.locator("td")
        .evaluate_all("cells => cells.map((cell) => getComputedStyle(cell, '::before').content)")
    )
    page.set_viewport_size({"width": 1440, "height": 900})
    wide = page.locator(".table.folds tbody td").first.evaluate("cell => getComputedStyle(cell, '::before').content")

    assert [name.strip('"') for name in told[:2]] == heads[1:3]
    assert wide == "none"


@pytest.mark.parametrize("path", ["/policies/", "/policies/gaps/"])
def test_empty_lists_are_accessible(visitor, path):
    page = visitor.open(path, by=make_user())

    assert page.locator(".empty").is_visible()
    assert visitor.faults_in_every_dress(page) == []


@pytest.mark.usefixtures("clause")
def test_an_approver_publishes_by_keyboard(visitor):
    page = visitor.open("/policies/", by=make_user(role="policy_approver"))

    page.get_by_role("link", name="Version 3: In review").click()
    page.wait_for_url("**/review/")
    page.keyboard.press("n")
    page.keyboard.type("Reads better.")
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+Y")

    page.get_by_text("Version 3 is in force.").wait_for()
    assert page.url.endswith(reverse("policies:policy_at", args=["spam", 3]))
    assert PolicyVersion.objects.get(policy__key="spam", status="published").number == 3


@pytest.mark.usefixtures("clause")
def test_the_key_that_publishes_does_nothing_while_the_reason_is_empty(visitor):
    page = visitor.open("/policies/spam/versions/3/review/", by=make_user(role="policy_approver"))

    page.keyboard.press("Shift+Y")

    assert page.evaluate("document.activeElement.name") == "reason"
    assert PolicyVersion.objects.get(policy__key="spam", number=3).status == "in_review"
