"""The shell and its building blocks in a real Chromium: both themes, two widths, by keyboard, under the policy."""

from urllib.parse import urlsplit

import pytest
from django.conf import settings

from tests.factories import make_user
from tests.harness.browser import session_cookie
from tests.trust.pages import TEXT
from trust.accounts.links import one_time_link

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.trust.pages")]


@pytest.mark.parametrize("query", ["", "?wrong=1"])
def test_every_building_block_is_accessible(visitor, query):
    page = visitor.open(f"/blocks/{query}", by=make_user(role="lead"))
    page.locator("details.covered summary").click()

    assert visitor.faults_in_every_dress(page) == []


@pytest.mark.long
@pytest.mark.parametrize(
    "path",
    [
        "/accounts/login/",
        "/accounts/signup/",
        "/accounts/inactive/",
        "/accounts/password/reset/",
        "/accounts/password/reset/done/",
        "/accounts/password/reset/key/1-gone/",
        "/accounts/password/reset/key/done/",
        "/nothing-here/",
    ],
)
def test_every_page_before_sign_in_is_accessible(visitor, path):
    page = visitor.open(path)

    assert page.locator("h1").count() == 1
    assert page.locator("nav.rail").count() == 0
    assert visitor.faults_in_every_dress(page) == []


@pytest.mark.long
@pytest.mark.parametrize("path", ["/accounts/logout/", "/accounts/password/set/", "/refuse/", "/nothing-here/"])
def test_every_page_of_ones_own_account_is_accessible(visitor, path):
    page = visitor.open(path, by=make_user(role="lead"))

    assert page.locator("nav.rail").is_visible()
    assert visitor.faults_in_every_dress(page) == []


def test_the_rail_of_icons_opens_to_words_and_the_way_out(visitor):
    page = visitor.open("/blocks/?quiet", by=make_user(), size=(1100, 800))
    narrow = visitor.faults(page)

    page.get_by_role("button", name="Menu").click()

    assert narrow == []
    assert page.get_by_role("button", name="Sign out").is_visible()
    assert visitor.faults(page) == []


def test_a_refusal_stands_in_the_alert_region_and_takes_nothing_away(visitor):
    page = visitor.open("/blocks/", by=make_user())

    page.keyboard.press("h")

    page.locator("#alerts", has_text="Ana holds this item until 14:05").wait_for()
    assert page.inner_text("#here") == "Before"


def test_a_failure_says_that_nothing_was_saved(visitor):
    page = visitor.open("/blocks/", by=make_user())

    page.get_by_role("button", name="Fail").click()

    page.locator("#alerts", has_text="Not saved").wait_for()
    assert page.inner_text("#here") == "Before"


def test_a_request_after_sign_in_has_ended_says_so(visitor):
    person = make_user()
    page = visitor.open("/blocks/", by=person)
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)

    page.get_by_role("button", name="End", exact=True).click()

    page.locator("#alerts", has_text="your sign-in has ended").wait_for()
    assert page.inner_text("#here") == "Before"


# A part that a page fetches by itself, from an address that is gone.
GONE_PART = """() => {
  document.querySelector("#here").innerHTML = '<p id="gone" hx-get="/gone/" hx-trigger="load">A part</p>';
  htmx.process(document.querySelector("#here"));
}"""


def test_a_part_that_the_page_fetches_and_that_is_gone_changes_nothing_that_is_said(visitor):
    page = visitor.open("/blocks/", by=make_user())
    page.keyboard.press("h")
    said = page.locator("#alerts", has_text="Ana holds this item until 14:05")
    said.wait_for()

    with page.expect_response("**/gone/"):
        page.evaluate(GONE_PART)
    page.evaluate("() => new Promise((done) => setTimeout(done))")

    assert said.is_visible()
    assert page.inner_text("#gone") == "A part"
    assert visitor.quiet_faults(page) == []


def test_the_next_answer_clears_what_was_said(visitor):
    page = visitor.open("/blocks/", by=make_user())
    page.keyboard.press("h")
    page.locator("#alerts .notice").wait_for()

    page.get_by_role("button", name="Work").click()

    page.locator("#here", has_text="After").wait_for()
    assert page.locator("#alerts .notice").count() == 0


def test_a_refused_button_can_be_reached_and_does_nothing(visitor):
    page = visitor.open("/blocks/", by=make_user())

    page.keyboard.press("Shift+Y")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Approve").click(force=True)
    page.wait_for_timeout(200)

    assert page.evaluate("document.activeElement.getAttribute('aria-describedby')") == "why"
    assert page.inner_text("#here") == "Before"


def test_the_list_of_keys_is_read_from_the_page(visitor):
    page = visitor.open("/blocks/", by=make_user())

    page.keyboard.press("?")

    rows = page.locator("#keys .keys li").all_inner_texts()
    assert "Hold\nH" in rows
    assert "Approve\n⇧Y" in rows
    assert visitor.faults(page) == []


def test_keys_can_be_switched_off_and_stay_off(visitor):
    page = visitor.open("/blocks/", by=make_user())
    page.keyboard.press("?")
    page.get_by_role("checkbox", name="Single-key shortcuts are on").uncheck()
    page.reload()

    page.keyboard.press("r")

    assert page.locator("details.covered[open]").count() == 0
    assert page.locator("kbd:visible").count() == 0


def test_the_choice_of_theme_is_kept_and_written_by_the_server(visitor):
    page = visitor.open("/blocks/", by=make_user())
    page.get_by_label("Theme").select_option("dark")

    answer = page.goto("/blocks/")

    assert 'data-theme="dark"' in answer.text()
    assert page.get_by_label("Theme").input_value() == "dark"


def test_a_form_with_errors_has_the_focus_on_its_summary(visitor):
    page = visitor.open("/blocks/?wrong=1", by=make_user())

    page.wait_for_function("document.activeElement.matches('[role=alert]')")


def test_a_selection_becomes_a_span_of_the_text_as_it_was_received(visitor):
    page = visitor.open("/blocks/", by=make_user())
    page.keyboard.press("r")
    page.evaluate(
        """() => {
          const walker = document.createTreeWalker(document.querySelector(".content"), NodeFilter.SHOW_TEXT);
          while (!walker.nextNode().data.includes("all")) continue;
          const start = walker.currentNode.data.indexOf("all");
          getSelection().setBaseAndExtent(walker.currentNode, start, walker.currentNode, start + 3);
        }"""
    )

    page.keyboard.press("q")

    start, end = (int(page.locator(f"[data-span={edge}]").input_value()) for edge in ("start", "end"))
    assert page.locator("[data-span=message]").input_value() == "3"
    assert TEXT[start:end] == "all"


def test_a_toast_goes_by_itself_but_not_from_under_the_pointer(visitor):
    page = visitor.open("/accounts/login/")
    page.clock.install()
    page.goto("/blocks/")
    page.locator("#toasts .toast").hover()

    page.clock.fast_forward(9_000)
    assert page.locator("#toasts .toast").count() == 1
    page.mouse.move(700, 10)
    page.clock.fast_forward(9_000)

    assert page.locator("#toasts .toast").count() == 0


def test_without_script_the_menu_of_a_phone_still_opens(visitor, chromium):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    visitor.contexts.append(context)
    page = context.new_page()
    context.add_cookies([session_cookie(make_user(), visitor.address)])
    page.goto(f"{visitor.address}/blocks/")

    page.locator(".topbar").get_by_text("Menu").click()

    assert page.locator("#rail").is_visible()


def test_a_one_time_link_leads_to_a_password_and_to_sign_in(visitor):
    person = make_user()
    page = visitor.open(urlsplit(one_time_link(person)).path)
    first = visitor.faults_in_every_dress(page)

    page.get_by_label("New password", exact=True).fill("too short")
    page.get_by_role("button", name="Keep this password").click()
    page.locator("[aria-invalid=true]").first.wait_for()
    wrong = visitor.faults_in_every_dress(page)
    for field in page.locator("input[type=password]").all():
        field.fill("correct horse battery")
    page.get_by_role("button", name="Keep this password").click()

    assert first == wrong == []
    page.get_by_role("heading", name="Your password is changed").wait_for()


@pytest.mark.long
@pytest.mark.parametrize("path", ["/accounts/password/change/", "/accounts/reauthenticate/"])
def test_the_pages_of_a_password_are_accessible(visitor, path):
    person = make_user()
    person.set_password("correct horse battery")
    person.save()
    page = visitor.open(path, by=person)

    assert page.locator("input[type=password]").count() >= 1
    assert visitor.faults_in_every_dress(page) == []
