"""Sixteen reviewers at once empty a queue, by the pages and forms that a browser would use."""

import re
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode, urljoin

import pytest
import urllib3

from tests.harness import alerts
from tests.harness.instance import Instance

pytestmark = pytest.mark.kill

REVIEWERS = 16
SECONDS = 300
SIGN_IN = "/accounts/login/"
PASSWORD = "orchard-kettle-umbrella"
MAKE_REVIEWERS = """
from trust.accounts.operations import create_person
for number in range({count}):
    create_person(f"r{{number}}@example.org", name=f"R {{number}}", roles=["reviewer"], password="{password}", by=None)
"""

FORM = re.compile(r"<form(?P<head>[^>]*)>(?P<fields>.*?)</form>", re.DOTALL)
INPUT = re.compile(r"<input[^>]*>")
ATTRIBUTE = re.compile(r'(type|name|value|action)="([^"]*)"')


class Reviewer:
    """One person's browser without a screen: cookies, redirects, and the hidden fields of the forms it sends."""

    def __init__(self, url: str, email: str) -> None:
        self.url, self.email = url, email
        self.statuses: Counter[int] = Counter()
        self.decided = 0
        self._cookies: dict[str, str] = {}
        self._pool = urllib3.PoolManager(retries=False, timeout=60)

    def sign_in(self) -> None:
        page = self._get(SIGN_IN)
        self._send(page, SIGN_IN, login=self.email, password=PASSWORD)

    def empty(self, queue: str) -> None:
        """Claim the first item of ``queue``, then decide one after another until there is none."""
        page = self._send(self._get(f"/queues/{queue}/"), "/claim/")
        while "/decide/" in page:
            self.decided += 1
            page = self._send(page, "/decide/", verdict="benign")

    def _send(self, page: str, action: str, **fields: str) -> str:
        """Send the form of ``page`` whose address ends with ``action``, its hidden fields and ``fields`` with it."""
        addressed = [(_attributes(form["head"]).get("action", SIGN_IN), form) for form in FORM.finditer(page)]
        address, form = next((address, form) for address, form in addressed if address.endswith(action))
        inputs = [_attributes(tag) for tag in INPUT.findall(form["fields"])]
        hidden = {one["name"]: one.get("value", "") for one in inputs if one.get("type") == "hidden"}
        return self._ask("POST", address, urlencode(hidden | fields))

    def _get(self, path: str) -> str:
        return self._ask("GET", path)

    def _ask(self, method: str, path: str, body: str | None = None) -> str:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.url}
        answer = self._pool.request(method, urljoin(self.url, path), headers=headers, body=body, redirect=False)
        self.statuses[answer.status] += 1
        for cookie in answer.headers.getlist("set-cookie"):
            name, _is, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        if answer.status in {302, 303}:
            return self._get(answer.headers["location"])
        return answer.data.decode()


def _attributes(tag: str) -> dict[str, str]:
    return dict(ATTRIBUTE.findall(tag))


def fill_queue(trustdesk: Instance, items: int) -> None:
    """Send ``items`` alerts by the API and wait until they are routed: no rule knows them, so all go to General."""
    key = trustdesk.manage("create_api_key", "Gateway", "--scope", "intake").splitlines()[-1]
    body = alerts.ndjson([{**alerts.alert(number), "flagged": []} for number in range(items)])
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"}
    answer = urllib3.request("POST", f"{trustdesk.url}/api/v1/alerts", body=body, headers=headers, timeout=60)
    assert answer.json()["accepted"] == items
    deadline = time.monotonic() + 60
    while trustdesk.query("select count(*) from queues_round")[0][0] < items:
        assert time.monotonic() < deadline, "not all alerts were routed"
        time.sleep(0.2)


@pytest.mark.parametrize("items", [96, pytest.param(2_000, marks=pytest.mark.long)])
def test_no_item_is_decided_twice_and_none_is_left(data_dir: Path, items: int):
    with Instance(data_dir) as trustdesk:
        trustdesk.manage("shell", "-c", MAKE_REVIEWERS.format(count=REVIEWERS, password=PASSWORD))
        fill_queue(trustdesk, items)
        reviewers = [Reviewer(trustdesk.url, f"r{number}@example.org") for number in range(REVIEWERS)]
        for reviewer in reviewers:
            reviewer.sign_in()

        threads = [threading.Thread(target=reviewer.empty, args=["general"], daemon=True) for reviewer in reviewers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(SECONDS)

        decisions = trustdesk.query("select round_id, by_id from review_decision")
        left = trustdesk.query("select count(*) from queues_round where status = 'open'")[0][0]
        statuses = sum((reviewer.statuses for reviewer in reviewers), Counter())

    assert left == 0
    assert len(decisions) == len({round for round, _by in decisions}) == items
    assert len({by for _round, by in decisions}) == REVIEWERS, "all sixteen worked"
    assert [reviewer.decided for reviewer in reviewers if not reviewer.decided] == []
    assert set(statuses) <= {200, 302}, statuses
