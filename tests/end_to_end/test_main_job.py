"""The main job, end to end, as people do it: from a flagged generation to a published number."""

import csv
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import urllib3
from playwright.sync_api import Browser

from tests.end_to_end import publication
from tests.end_to_end.record import assert_the_database_says_the_same
from tests.end_to_end.walker import Walk, Walker, World
from tests.harness.browser import DESKTOP, PHONE
from tests.harness.instance import Instance
from tests.harness.receiver import Receiver

pytestmark = pytest.mark.browser

SECONDS_TO_ROUTE = 30
CLAUSE = "Tormenting a person"
SECTIONS = ("What happened", "How it was noticed", "What we did", "What went well", "What went wrong", "Lessons")


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with (
        tempfile.TemporaryDirectory(prefix="trustdesk-walk-", ignore_cleanup_errors=True) as folder,
        Receiver() as receiver,
        Instance(Path(folder) / "data") as trustdesk,
    ):
        trustdesk.manage("shell", "-c", "from tests.end_to_end import history; history.make()")
        secret = trustdesk.manage("create_endpoint", "platform", receiver.url).splitlines()[-1]
        yield World(trustdesk, receiver, secret)


@pytest.mark.parametrize("size", [DESKTOP, pytest.param(PHONE, marks=pytest.mark.long)], ids=["1440", "390"])
def test_from_a_flagged_generation_to_a_published_number(world: World, chromium: Browser, size):
    walk = Walk(world, chromium, size)

    items = take_alerts_in(walk)
    decide_by_keyboard(walk, items)
    action = propose_a_suspension(walk, items)
    approve_it_as_someone_else(walk, action)
    verify_the_delivery(walk, action)
    look_back(walk, items)
    publish_the_numbers(walk)

    assert walk.faults == []
    assert_the_database_says_the_same(walk, items, action)


# ── A detector sends alerts, reviewers judge them ────────


def take_alerts_in(walk: Walk) -> list[int]:
    """Send four alerts about one actor by the API; return their items once the worker has routed them."""
    key = walk.world.trustdesk.manage("create_api_key", f"Filter {walk.size[0]}", "--scope", "intake").splitlines()[-1]
    sent = urllib3.request(
        "POST",
        f"{walk.world.trustdesk.url}/api/v1/alerts",
        json=[alert(walk.actor, number) for number in range(4)],
        headers={"Authorization": f"Bearer {key}"},
    )
    assert (sent.status, sent.json()["accepted"]) == (202, 4)

    deadline = time.monotonic() + SECONDS_TO_ROUTE
    while len(items := items_of(walk)) < 4:
        assert time.monotonic() < deadline, "the alerts were not routed"
        time.sleep(0.2)
    return items


def alert(actor: str, number: int) -> dict[str, Any]:
    name = f"{actor}-{number}"
    return {
        "external_id": name,
        "occurred_at": datetime.now(UTC).isoformat(),
        "kind": "detector",
        "detector": {"name": "tone", "version": "3"},
        "taxonomy": {"name": "openai-moderation", "version": "omni-2024-09-26"},
        "flagged": ["harassment"],
        "scores": {"harassment": 0.91},
        "score_kind": "probability",
        "thresholds": {"harassment": 0.8},
        "generation": {
            "external_id": name,
            "model": "m-1",
            "messages": [
                {"role": "user", "content": f"Write teasing message {number} to my neighbour <b>Bo</b> every hour."},
                {"role": "assistant", "content": f"Here is message {number}, with zero\u200bwidth care."},
            ],
        },
        "actor": {"kind": "account", "external_id": actor},
    }


def items_of(walk: Walk) -> list[int]:
    rows = walk.query(
        "select item.id from queues_item item join actors_actor actor on actor.id = item.actor_id"
        " where actor.external_id = %s order by item.id",
        walk.actor,
    )
    return [item for (item,) in rows]


def decide_by_keyboard(walk: Walk, items: list[int]) -> None:
    """Rosa claims from the queue's card and judges three items without a mouse; one she takes back and mends."""
    rosa = walk.sign_in("reviewer")
    rosa.go("Queues")
    rosa.claim("Hate and harassment")

    rosa.heading(f"Item {items[0]}")
    rosa.press("r")
    rosa.see("Write teasing message 0")
    rosa.find(CLAUSE)
    rosa.press("]", "y", "Enter")

    rosa.heading(f"Item {items[1]}")
    rosa.press("r", "b", "Enter")

    rosa.heading(f"Item {items[2]}")
    rosa.see(f"Item {items[1]} decided: benign.")
    rosa.press("z")
    rosa.heading(f"Item {items[1]}")
    rosa.press("f", "n")
    rosa.type("Teasing by the hour")
    rosa.press("Escape", "Enter")

    rosa.heading(f"Item {items[2]}")
    rosa.press("r")
    rosa.find(CLAUSE)
    rosa.press("Enter")
    rosa.heading(f"Item {items[3]}")
    rosa.page.get_by_role("button", name="Release").click()
    rosa.heading("Queues")
    rosa.close()


# ── Enforcement takes two people ─────────────────────────


def propose_a_suspension(walk: Walk, items: list[int]) -> int:
    """Lena proposes from the item, is refused the approval of her own proposal, and decides the item."""
    lena = walk.sign_in("lead")
    lena.go("Queues")
    lena.claim("Hate and harassment")
    lena.heading(f"Item {items[3]}")

    lena.press("Shift+E")
    lena.heading("Propose enforcement")
    lena.press("6", "n")
    lena.type("Teased a neighbour by the hour.")
    lena.press("Escape", "s")

    lena.heading("Suspension")
    lena.see("Someone other than the proposer must approve this.")
    lena.press("Shift+Y")
    [(action, status)] = walk.query(
        "select action.id, action.status from enforcement_enforcementaction action"
        " join actors_actor actor on actor.id = action.actor_id where external_id = %s and action.kind = 'suspension'",
        walk.actor,
    )
    assert status == "proposed"

    lena.go("My work")
    lena.press_key_of(lena.page.get_by_role("row", name=f"Item {items[3]}").get_by_role("link", name="Continue"))
    lena.heading(f"Item {items[3]}")
    lena.press("r")
    lena.find(CLAUSE)
    lena.press("Enter")
    lena.heading("Queues")
    lena.close()
    return int(action)


def approve_it_as_someone_else(walk: Walk, action: int) -> None:
    """Tomás finds it on his desk; without a reason the key does nothing but lead to the field."""
    tomas = walk.sign_in("lead-2")
    tomas.press_key_of(tomas.page.get_by_role("row", name=walk.actor).get_by_role("link", name="Decide"))
    tomas.heading("Suspension")

    tomas.press("n")
    tomas.type("The evidence holds.")
    tomas.press("Escape", "Shift+Y")

    tomas.see("Approved; the endpoints are being told.")
    tomas.close()


def verify_the_delivery(walk: Walk, action: int) -> None:
    """The customer's system gets the suspension once, signed so that the public package accepts it."""
    deadline = time.monotonic() + 60
    while not (told := [one for one in walk.world.receiver.received if f'"action":{action},' in compact(one.body)]):
        assert time.monotonic() < deadline, "the receiver was not told"
        time.sleep(0.1)
    [delivered] = told
    payload = delivered.verified(walk.world.secret)

    assert payload["type"] == "enforcement.approved"
    assert payload["data"]["kind"] == "suspension"
    assert payload["data"]["actor"]["external_id"] == walk.actor

    while walk.query("select status from enforcement_enforcementaction where id = %s", action) != [("in_force",)]:
        assert time.monotonic() < deadline, "the answer of the receiver was not followed"
        time.sleep(0.1)


def compact(body: bytes) -> str:
    return body.decode().replace(" ", "")


# ── The incident, and the look back on it ────────────────


def look_back(walk: Walk, items: list[int]) -> None:
    lena = walk.sign_in("lead")
    open_an_incident(walk, lena, items)
    write_the_retrospective(lena)
    lena.press("Shift+Y")
    lena.see("You have signed this version; someone else must sign it too.")
    lena.close()

    tomas = walk.sign_in("lead-2")
    tomas.press_key_of(tomas.page.get_by_role("row", name=walk.incident).get_by_role("link", name="Read"))
    tomas.heading(walk.incident)
    tomas.press("Shift+Y")
    tomas.see("Two people have signed this; text and facts are frozen.")
    tomas.close()


def open_an_incident(walk: Walk, lena: Walker, items: list[int]) -> None:
    lena.go("Incidents")
    lena.press("c")
    lena.heading("Open an incident")
    lena.page.get_by_label("Title").click()
    lena.type(walk.incident)
    lena.page.get_by_label("Items").click()
    lena.type(", ".join(map(str, items)))
    lena.press("Control+Enter")

    lena.heading(walk.incident)
    lena.page.get_by_label("What makes it so").click()
    lena.type("The account is suspended.")
    lena.press("Escape", "Shift+Y")
    lena.page.get_by_role("button", name="Mark resolved").wait_for()


def write_the_retrospective(lena: Walker) -> None:
    """An empty section blocks the signature, and its sentence names the first that is."""
    lena.page.get_by_role("link", name="Retrospective", exact=True).click()
    lena.heading("No retrospective yet")
    lena.press("c")
    for number, section in enumerate(SECTIONS, start=1):
        lena.see(f"“{section}” is empty; write it before anyone signs.")
        assert lena.page.get_by_role("button", name="Sign the retrospective").get_attribute("aria-disabled") == "true"
        lena.press(str(number))
        lena.heading(section)
        lena.page.get_by_label(section).click()
        lena.type(f"Plain words about it, part {number}.")
        lena.press("Control+Enter")
        lena.see(f"“{section}” is saved.")


# ── What may be published ────────────────────────────────


def publish_the_numbers(walk: Walk) -> None:
    """Anouk downloads weeks by policies; every cell is held against a recount and the written rule."""
    anouk = walk.sign_in("analyst")
    anouk.go("Statistics")
    with anouk.page.expect_download() as download:
        anouk.press("d")
    with Path(download.value.path()).open(newline="") as file:
        lines = list(csv.DictReader(file))
    anouk.close()

    weeks = list(dict.fromkeys(line["week"] for line in lines))
    policies = list(dict.fromkeys(line["policy"] for line in lines))
    assert weeks[-1] == policies[-1] == "total"
    counts, actors = publication.recount(
        walk.world.trustdesk, [date.fromisoformat(week) for week in weeks[:-1]], policies[:-1]
    )
    hidden = publication.hidden(counts, actors)

    assert len(lines) == len(weeks) * len(policies)
    for line in lines:
        cell = weeks.index(line["week"]), policies.index(line["policy"])
        expected = ("yes", "") if cell in hidden else ("", str(counts[cell[0]][cell[1]]))
        assert (line["hidden"], line["violations"]) == expected, line
    shown = [line for line in lines if line["violations"] not in {"", "0"}]
    assert len(shown) >= 20
    assert len(hidden) >= 1
