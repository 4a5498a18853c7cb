"""Hostile text in every field that the API takes: stored exactly or refused by name, and harmless on every page."""

import json
from typing import Any, Final

import pytest

from incidents.intake.models import Alert, Content
from incidents.queues import tasks
from incidents.queues.models import Item, Queue, Round
from incidents.review.models import Decision
from incidents.search import tasks as search
from policies import operations as policies
from tests.access.world import World, make_world
from tests.factories import make_incident, make_note, make_round, make_user
from tests.harness.browser import DESKTOP, Visitor
from tests.saved.factories import make_view
from tests.sweeps.walk import Walk
from trust.permissions import Role

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# What fits a short field without control characters.
SHORT: Final = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "\"'><iframe srcdoc='<script>alert(1)</script>'>",
    "javascript:alert(1)",
    "https://evil.example/?q=<b>",
    "{{ 7|add:7 }}{% load x %}${7*7}",
    "\u202eexe.txt\u2066hidden\u2069",
    "zero\u200bwidth\u200d\ufeff",
    "a" + "\u0301" * 60,
    "аррӏе \U000e0041\U000e0042",
    "=cmd|' /C calc'!A0",
    "' or 1=1; drop table x --",
    "%0d%0aSet-Cookie:x=1",
    "\ufdfa" * 18,
]
LONG: Final = [
    *SHORT,
    "line\r\nbreak\tand\x0bcontrol\x1b[31m",
    "</textarea><style>*{display:none}</style><base href=//evil.example><meta http-equiv=refresh content=0>",
    "[click](javascript:alert(1)) ![x](https://evil.example/x.png)",
    "Z" + "\u0335" * 5000,
    "<b>" * 20_000,
    "x" * 262_144,
]
REFUSED: Final = ["\0", "\ud800", "half \udfff pair", "x" * 1_000_000]


def alert(number: int, short: str, long: str) -> dict[str, Any]:
    """An alert with ``short`` in every short text and ``long`` in every long one."""
    identifier = f"{number} {short}"
    return {
        "external_id": identifier,
        "occurred_at": "2026-11-01T10:00:00Z",
        "kind": "detector",
        "detector": {"name": short, "version": short},
        "taxonomy": {"name": short[:60], "version": short[:60]},
        "flagged": [short],
        "labels": {short: True},
        "scores": {short: 0.9},
        "score_kind": "probability",
        "thresholds": {short: 0.5},
        "comment": long[:20_000],
        "generation": {
            "external_id": identifier,
            "model": short,
            "deployment": short,
            "use_case": short,
            "language": short[:35],
            "parameters": {short: short},
            "messages": [{"role": short[:40], "content": long}, {"role": "assistant", "content": short}],
        },
        "actor": {
            "kind": "account",
            "external_id": identifier,
            "identifiers": {short[:40]: short},
            "parent": {"kind": "organisation", "external_id": short},
        },
        "metadata": {short: [short, long[:1000]]},
    }


def send(world: World, client: Any, body: Any) -> dict[str, Any]:
    answer = client.post(
        "/api/v1/alerts", json.dumps(body), content_type="application/json", headers=world.key("intake")
    )
    assert answer.status_code == 202, answer.content[:500]
    return answer.json()


@pytest.fixture
def world() -> World:
    return make_world()


def test_hostile_text_comes_back_exactly_as_it_was_sent(world: World, client):
    sent = [alert(n, SHORT[n % len(SHORT)], long) for n, long in enumerate(LONG)]

    receipts = [send(world, client, one) for one in sent]

    assert [receipt["rejected"] for receipt in receipts] == [[]] * len(sent)
    for one in sent:
        stored = Alert.objects.get(external_id=one["external_id"])
        assert Content.objects.get(generation=stored.generation).messages == one["generation"]["messages"]
        assert (stored.comment, stored.metadata) == (one["comment"], one["metadata"])
        assert stored.generation.use_case == one["generation"]["use_case"]
        assert stored.generation.actor.external_id == one["actor"]["external_id"]


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: ascii(text[:8]))
def test_text_that_cannot_be_stored_is_refused_with_its_place(world: World, client, text: str):
    body = alert(1, "fine", text)
    body["metadata"] = {}

    receipt = send(world, client, body)

    assert receipt["accepted"] == 0
    assert any(path.startswith(("generation.messages", "comment")) for path in receipt["rejected"][0]["errors"])


def test_hostile_text_does_nothing_on_any_page(world: World, client, visitor: Visitor):
    for number, long in enumerate(LONG):
        send(world, client, alert(number, SHORT[number % len(SHORT)], long))
    tasks.route()
    search.index()
    reader = make_user(roles=list(Role.values), name=SHORT[0])
    items = list(Item.objects.filter(generation__alerts__source__slug="tests").order_by("pk"))
    spread(reader, items)
    walk = Walk(visitor, [(DESKTOP, "light")], look=visitor.quiet_faults)
    walk.go_as(reader)

    for item in items:
        walk.open(f"/items/{item.pk}/", statuses={200}, name=f"item {item.pk}")
        walk.page.evaluate("() => document.querySelectorAll('details').forEach((one) => { one.open = true })")
        walk.open(f"/actors/{item.actor_id}/", statuses={200}, name=f"actor {item.actor_id}")
    for queue in Queue.objects.filter(restricted_category=""):
        walk.open(f"/queues/{queue.slug}/", statuses={200}, name=queue.slug)
    for address in ("/", "/queues/", "/actors/", "/enforcement/all/", "/incidents/", "/policies/gaps/", "/audit/"):
        walk.open(address, statuses={200}, name=address)
    walk.open("/settings/people/", statuses={200}, name="people")
    walk.open("/search/?q=kind:generation", statuses={200}, name="search")
    for _found in items:
        walk.page.get_by_role("button", name="Reveal").first.click()
        walk.page.wait_for_selector("[id^=revealed-]")
        walk.page.evaluate("() => document.querySelector('[id^=revealed-]').removeAttribute('id')")
    assert walk.visitor.console == []

    assert len(items) == len(LONG)
    assert walk.faults == {}


def spread(reader: Any, items: list[Item]) -> None:
    """Carry hostile text on from the items: into a note, a gap and an incident."""
    for number, text in enumerate(SHORT):
        policies.join_gap(f"{number} {text}"[:100], by=None)
        make_incident(title=f"{number} {text}", summary=text, owner=reader)
        make_view(owner=reader, name=f"{number} {text}"[:80], query={"q": text}, is_shared=True)
        make_note(items[number % len(items)], by=reader, text=text)
    first = items[0]
    round = Round.objects.filter(item=first).first() or make_round(item=first)
    Decision.objects.create(
        round=round, item=first, by=reader, verdict="benign", note=LONG[1], decided_at=first.created_at
    )
