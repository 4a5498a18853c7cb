"""The reviewer's loop in a real Chromium, by real keys, and what the pages look like to axe."""

import pytest
from playwright.sync_api import Page

from incidents.queues import operations as queues
from incidents.queues.models import Queue, Round
from incidents.review import operations
from incidents.review.models import Decision
from tests.factories import make_clearance, make_round, make_user
from tests.review.stage import make_spam_queue, make_waiting
from trust.accounts.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def reviewer() -> User:
    return make_user(name="Ana Ruiz")


@pytest.fixture
def queue() -> Queue:
    return make_spam_queue()


def settle(page) -> None:
    page.wait_for_load_state("load")
    page.locator("h1").wait_for()


def test_benign_takes_three_keys_and_leads_to_the_next_item(visitor, queue, reviewer):
    first, second = make_waiting(queue), make_waiting(queue)
    page = visitor.open("/queues/", by=reviewer)
    page.keyboard.press("1")
    page.wait_for_url(f"**/items/{first.item_id}/")
    assert not page.get_by_text("Three cups").is_visible()

    page.keyboard.press("r")
    page.get_by_text("Three cups").wait_for()
    page.keyboard.press("b")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/items/{second.item_id}/**")
    page.get_by_text(f"Item {first.item_id} decided: benign.").wait_for()
    decision = Decision.objects.get()
    assert (decision.item_id, decision.verdict, decision.by) == (first.item_id, "benign", reviewer)
    assert visitor.faults(page) == []


def test_a_clause_takes_three_keys_and_each_part_of_it_one_more(visitor, queue, reviewer):
    held = make_waiting(queue)
    queues.claim(queue, by=reviewer)
    page = visitor.open(f"/items/{held.item_id}/", by=reviewer)
    settle(page)

    page.keyboard.press("r")
    page.keyboard.press("1")
    page.keyboard.press("]")
    page.keyboard.press("p")
    page.keyboard.press("y")
    page.keyboard.press("w")
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    page.get_by_text("The detector was wrong Another category fits").wait_for()
    page.keyboard.press("n")
    page.keyboard.type("Invented customers")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")

    page.wait_for_url("**/queues/")
    decision = Decision.objects.get()
    violation = decision.violations.get()
    usual = violation.clause.usual_severity
    assert (decision.verdict, decision.note) == ("violating", "Invented customers")
    assert decision.said_wrong.kind == "wrong_category"
    assert violation.clause.clause.key == "spam.reviews"
    assert (violation.severity, violation.side, violation.complied) == (min(usual + 1, 4), "prompt", True)


def test_the_usual_severity_and_the_side_that_fired_come_with_the_clause(visitor, queue, reviewer):
    held = make_waiting(queue)
    queues.claim(queue, by=reviewer)
    page = visitor.open(f"/items/{held.item_id}/", by=reviewer)
    settle(page)

    page.keyboard.press("2")
    page.get_by_text("Recommended for the actor:").wait_for()
    page.keyboard.press("Enter")

    page.wait_for_url("**/queues/")
    violation = Decision.objects.get().violations.get()
    assert violation.clause.clause.key == "spam.medical_products"
    assert (violation.severity, violation.side) == (violation.clause.usual_severity, "completion")


def test_two_violations_one_found_by_name_and_a_quote(visitor, queue, reviewer):
    held = make_waiting(queue)
    queues.claim(queue, by=reviewer)
    page = visitor.open(f"/items/{held.item_id}/", by=reviewer)
    settle(page)

    page.keyboard.press("r")
    page.keyboard.press("1")
    page.keyboard.press("+")
    page.locator("#violation-1").wait_for()
    page.keyboard.press("0")
    page.keyboard.type("influence.operations")
    page.keyboard.press("Enter")
    page.evaluate(
        """() => {
            const text = document.querySelector("[data-message='1'] .covered .content").firstChild;
            getSelection().setBaseAndExtent(text, 0, text, 5);
        }"""
    )
    page.keyboard.press("q")
    page.get_by_text("“Write”").wait_for()
    page.keyboard.press("Enter")

    page.wait_for_url("**/queues/")
    first, second = Decision.objects.get().violations.order_by("pk")
    assert (first.clause.clause.key, second.clause.clause.key) == ("spam.reviews", "influence.operations")
    assert (second.span_message, second.span_start, second.span_end) == (1, 0, 5)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("invented rev", "spam.reviews"), ("reveiws", "spam.reviews"), ("influence op", "influence.operations"),
     ("medcal", "spam.medical_products")],
)  # fmt: skip
def test_a_clause_is_found_by_a_part_of_its_name_or_with_a_slip_of_the_hand(visitor, queue, reviewer, typed, expected):
    held = make_waiting(queue)
    queues.claim(queue, by=reviewer)
    page = visitor.open(f"/items/{held.item_id}/", by=reviewer)
    settle(page)

    page.keyboard.press("0")
    page.keyboard.type(typed)
    page.locator("#decision [role=option][aria-selected=true]").wait_for()
    assert visitor.faults(page) == []
    page.keyboard.press("Enter")
    page.locator(f"#found-clause [data-clause], [data-clause='{expected}'][open]").first.wait_for()
    page.get_by_text("Recommended for the actor:").wait_for()
    page.keyboard.press("Enter")

    page.wait_for_url("**/queues/")
    violation = Decision.objects.get().violations.get()
    assert (violation.clause.clause.key, violation.severity) == (expected, violation.clause.usual_severity)


def test_the_list_of_clauses_is_walked_with_arrows(visitor, queue, reviewer):
    held = make_waiting(queue)
    queues.claim(queue, by=reviewer)
    page = visitor.open(f"/items/{held.item_id}/", by=reviewer)
    settle(page)

    page.keyboard.press("0")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    second = page.locator("#decision [role=option]").nth(1).get_attribute("data-value")
    page.keyboard.press("Enter")

    assert page.locator("[data-part=other]").input_value() == second
    assert page.locator("[name=verdict][value=violating]").is_checked()


def test_what_is_quoted_is_marked_in_the_text(visitor, queue, reviewer):
    held = make_waiting(queue)
    queues.claim(queue, by=reviewer)
    page = visitor.open(f"/items/{held.item_id}/", by=reviewer)
    settle(page)
    page.keyboard.press("r")
    page.keyboard.press("1")
    page.evaluate(
        """() => {
            const texts = document.querySelector("[data-message='1'] .covered .content").childNodes;
            getSelection().setBaseAndExtent(texts[0], 54, texts[texts.length - 1], 3);
        }"""
    )

    page.keyboard.press("q")

    page.locator("[data-span=text]", has_text="for our").wait_for()
    marked = "[...CSS.highlights.get('quoted')].map(String)"
    assert [text.replace("ZWSP", "") for text in page.evaluate(marked)] == ["for our tea"]
    page.keyboard.press("+")
    page.locator("#violation-1").wait_for()
    assert len(page.evaluate(marked)) == 1


def test_z_takes_the_last_decision_back_and_opens_it_filled(visitor, queue, reviewer):
    first, second = make_waiting(queue), make_waiting(queue)
    queues.claim(queue, by=reviewer)
    page = visitor.open(f"/items/{first.item_id}/", by=reviewer)
    settle(page)
    page.keyboard.press("c")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/items/{second.item_id}/**")
    page.get_by_text(f"Item {first.item_id} decided: cannot judge.").wait_for()

    page.keyboard.press("z")

    page.wait_for_url(f"**/items/{first.item_id}/")
    assert page.locator("[name=verdict][value=cannot_judge]").is_checked()
    assert not Decision.objects.effective().exists()


def test_s_skips_to_the_next(visitor, queue, reviewer):
    first, second = make_waiting(queue), make_waiting(queue)
    queues.claim(queue, by=reviewer)
    page = visitor.open(f"/items/{first.item_id}/", by=reviewer)
    settle(page)

    page.keyboard.press("s")

    page.wait_for_url(f"**/items/{second.item_id}/**")
    first.refresh_from_db()
    assert first.lease_by is None


def test_a_decision_that_is_refused_comes_back_with_what_was_typed(visitor, queue, reviewer):
    held = make_waiting(queue)
    queues.claim(queue, by=reviewer)
    page = visitor.open(f"/items/{held.item_id}/", by=reviewer)
    settle(page)
    page.keyboard.press("n")
    page.keyboard.type("Typed with care")
    page.keyboard.press("Escape")
    page.keyboard.press("v")
    page.keyboard.press("Enter")

    page.get_by_text("Say which clause is violated.").wait_for()

    assert page.locator("[name=note]").input_value() == "Typed with care"
    assert visitor.faults(page) == []


def test_what_was_typed_survives_a_reload_and_is_not_kept_in_the_browser(visitor, queue, reviewer):
    held = make_waiting(queue)
    queues.claim(queue, by=reviewer)
    page = visitor.open(f"/items/{held.item_id}/", by=reviewer)
    settle(page)
    page.keyboard.press("2")
    page.keyboard.press("]")
    severity = page.locator("[data-part=severity]:checked").input_value()
    page.keyboard.press("n")
    with page.expect_response("**/draft/") as saved:
        page.keyboard.type("Typed with care")
    saved.value.finished()

    page.reload()

    assert page.locator("[name=note]").input_value() == "Typed with care"
    assert page.locator("[data-part=severity]:checked").input_value() == severity
    assert page.locator("[data-part=clause]:checked").input_value() == "spam.medical_products"
    assert "Typed" not in page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")


STATES = ["chosen", "error"]
MORE_STATES = ["dialog", "conflict", "held", "wrong", "passing", "restricted", "decided", "not held", "second", "lead"]


@pytest.mark.parametrize("state", [*STATES, *(pytest.param(state, marks=pytest.mark.long) for state in MORE_STATES)])
def test_the_item_page_is_accessible_in_every_dress(visitor, queue, reviewer, state):
    make_clearance(reviewer)
    held = make_waiting(queue, restricted=state == "restricted")
    if state == "second":
        queues.claim(queue, by=make_user())
        held.refresh_from_db()
        operations.decide(held, fence=held.fence, verdict="benign", by=held.lease_by)
        held = make_round(queue=queue, item=held.item, purpose="second_opinion")
    if state not in {"not held", "lead"}:
        queues.claim(queue, by=reviewer)
    held.refresh_from_db()
    if state == "decided":
        operations.decide(held, fence=1, verdict="benign", by=reviewer)
    page = visitor.open(f"/items/{held.item_id}/", by=make_user(role="lead") if state == "lead" else reviewer)
    settle(page)
    bring_about(state, page, held)

    assert page.locator("h1").count() == 1
    assert visitor.faults_in_every_dress(page) == []


def bring_about(state: str, page: Page, held: Round) -> None:
    if state == "chosen":
        press(page, "r", "1", "+")
        page.locator("#violation-1").wait_for()
    if state == "wrong":
        press(page, "w", "1")
    if state == "dialog":
        press(page, "?")
        page.locator("#keys[open]").wait_for()
    if state == "passing":
        press(page, "h")
        page.locator("dialog[open], .dialog:popover-open").wait_for()
    if state == "error":
        press(page, "r", "v", "Enter")
        page.get_by_text("Say which clause is violated.").wait_for()
    if state == "conflict":
        press(page, "r", "n")
        page.keyboard.type("Typed with care")
        page.keyboard.press("Escape")
        queues.release(held, by=held.lease_by)
        queues.claim(held.queue, by=make_user(name="Bo Lind"))
        press(page, "b", "Enter")
        page.get_by_text("Bo Lind").first.wait_for()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


@pytest.mark.long
@pytest.mark.parametrize(
    "path", ["/queues/", "/queues/health-spam/", "/queues/general/", "/queues/health-spam/?overdue=on"]
)
def test_the_queues_are_accessible_in_every_dress(visitor, queue, path):
    make_waiting(queue)
    make_waiting(queue)
    queues.claim(queue, by=make_user())

    page = visitor.open(path, by=make_user(role="lead"))

    assert page.locator("h1").count() == 1
    assert visitor.faults_in_every_dress(page) == []


def test_no_queues_at_all_is_accessible(visitor):
    page = visitor.open("/queues/", by=make_user())

    assert page.locator(".empty").is_visible()
    assert visitor.faults_in_every_dress(page) == []


def test_the_items_of_an_actor_are_accessible(visitor, queue):
    held = make_waiting(queue)

    page = visitor.open(f"/items/of-actor/{held.item.actor_id}/", by=make_user(role="lead"))

    assert visitor.faults_in_every_dress(page) == []
