"""Two people in two browsers on one queue: nobody decides twice, and each sees at once what the other did."""

import re
import time
from collections.abc import Iterator

import pytest
import urllib3
from playwright.sync_api import Browser, Page

from tests.harness import alerts
from tests.harness.instance import Instance

pytestmark = [pytest.mark.kill, pytest.mark.browser, pytest.mark.long]

ITEMS = 200
SECONDS_TO_SEE = 5
PASSWORD = "orchard-kettle-umbrella"
MAKE_PEOPLE = f"""
from trust.accounts.operations import create_person
for name, role in (("Ana Ruiz", "lead"), ("Bo Lind", "reviewer")):
    email = name.split()[0].lower() + "@example.org"
    create_person(email, name=name, roles=[role], password="{PASSWORD}", by=None)
"""
ITEM = re.compile(r"/items/(\d+)/")


@pytest.fixture
def trustdesk(data_dir) -> Iterator[Instance]:
    with Instance(data_dir) as running:
        running.wait_ready()
        running.manage("shell", "--command", MAKE_PEOPLE)
        key = running.manage("create_api_key", "Gateway", "--scope", "intake").splitlines()[-1]
        body = alerts.ndjson([{**alerts.alert(number), "flagged": []} for number in range(ITEMS)])
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"}
        urllib3.request("POST", f"{running.url}/api/v1/alerts", body=body, headers=headers, timeout=60)
        wait_for(lambda: running.query("select count(*) from queues_round")[0][0] == ITEMS, 60)
        yield running


def wait_for(condition, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def signed_in(chromium: Browser, trustdesk: Instance, email: str) -> Page:
    context = chromium.new_context(base_url=trustdesk.url, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="My work").wait_for()
    return page


def claim(page: Page) -> None:
    page.goto("/queues/general/")
    page.keyboard.press("1")
    page.wait_for_url("**/items/*/**")
    page.locator("#decision").wait_for()


def decide(page: Page) -> int:
    """Press the keys of a benign item; return which. The next one is not waited for."""
    found = ITEM.search(page.url)
    assert found
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    return int(found[1])


def arrive(page: Page, *, after: int) -> bool:
    """Wait for what comes after an item: the next, or the queues once nothing waits."""
    page.wait_for_url(lambda url: f"/items/{after}/" not in url)
    if "/items/" not in page.url:
        return False
    page.locator("#decision footer button.primary").wait_for()
    return True


def test_two_hundred_items_are_each_decided_once_and_the_other_sees_it_at_once(chromium, trustdesk):
    ana, bo = (signed_in(chromium, trustdesk, f"{name}@example.org") for name in ("ana", "bo"))
    watching = ana.context.new_page()
    watching.goto("/queues/general/")
    first_round = int(watching.locator("[data-round]").first.get_attribute("data-round") or 0)
    claim(bo)
    row = watching.locator(f"[data-round='{first_round}']")
    row.get_by_text("Bo Lind holds it now").wait_for(timeout=SECONDS_TO_SEE * 1000)
    claim(ana)

    item = decide(bo)
    row.get_by_text("Bo Lind decided it").wait_for(timeout=SECONDS_TO_SEE * 1000)
    arrive(bo, after=item)
    working = [ana, bo]
    while working:
        decided = [(page, decide(page)) for page in working]
        working = [page for page, item in decided if arrive(page, after=item)]

    watching.locator("[data-count=waiting]").get_by_text("0", exact=True).wait_for(timeout=SECONDS_TO_SEE * 1000)
    decisions = trustdesk.query("select count(*), count(distinct item_id), count(distinct by_id) from review_decision")
    assert decisions == [(ITEMS, ITEMS, 2)]
    assert watching.locator("tr.handled").count() > 0
