"""From a notice to a referral against a receiver that fails in every way: each order is taken in once."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from incidents.enforcement import tasks
from incidents.enforcement.models import EnforcementAction
from tests.enforcement import recount
from tests.factories import make_actor, make_user
from tests.harness.receiver import Receiver
from tests.outgoing.factories import make_endpoint
from trust import clock
from trust.accounts.models import User
from trust.outgoing import http, operations as outgoing
from trust.outgoing.models import Endpoint
from trust.outgoing.tasks import deliver_due

LATE = (200, 1.5)  # seconds: longer than we wait here
# What the receiver does with each order; after that it answers 200.
LADDER: dict[str, tuple[int | tuple[int, float], ...]] = {
    "notice": (200,),
    "warning": (500, 503),
    "rate_limit": (LATE,),
    "quota": (302, 307),
    "feature_block": (LATE, 500),
    "suspension": (410,),
    "ban": (200,),  # and loses it
    "referral": (429,),
}
TEXTS = {"feature_block": {"feature": "images"}, "referral": {"authority": "The police"}}
SETTINGS: dict[str, dict[str, str]] = {
    "notice": {"days": "30"},
    "warning": {"days": "90"},
    "rate_limit": {"requests_per_minute": "10", "days": "30"},
    "quota": {"requests_per_day": "1000", "days": "30"},
    "feature_block": {"feature": "images", "days": "30"},
    "suspension": {"days": "30"},
}
SEVERE = ("feature_block", "suspension", "ban", "referral")


@dataclass(frozen=True)
class Hands:
    """How somebody proposes a kind against an actor, approves an action, and sends again what was given up."""

    propose: Callable[[User, str, int], None]
    approve: Callable[[User, EnforcementAction], None]
    send_again: Callable[[User, EnforcementAction], None]


def deliver(days: int = 0) -> None:
    """Let retries come due until nothing more can be sent, from ``days`` ahead on."""
    for hours in range(0, 24, 4):
        with clock.at(timezone.now() + timedelta(days=days, hours=hours)):
            deliver_due()
            tasks.follow_deliveries()
            tasks.send_missing()


def walk(hands: Hands, receiver: Receiver) -> None:
    first, second, actor = make_user(role="lead"), make_user(role="lead"), make_actor()
    _endpoint, secret = make_endpoint(receiver.url)
    for kind, answers in LADDER.items():
        hands.propose(first, kind, actor.pk)
        action = EnforcementAction.objects.get(kind=kind)
        hands.approve(second if kind in SEVERE else first, action)
        receiver.answer(*answers)
        deliver()
        if 410 in answers:
            action.refresh_from_db()
            assert action.status == "approved"
            outgoing.switch_on(Endpoint.objects.get(), by=None)
            hands.send_again(second, action)
            deliver()
        action.refresh_from_db()
        assert action.status == "in_force", kind

    ban = EnforcementAction.objects.get(kind="ban")
    lose_and_find(ban, receiver)
    with clock.at(timezone.now() + timedelta(days=95)):
        tasks.end_due()
    deliver(days=95)

    running = set(EnforcementAction.objects.exclude(status="expired").values_list("kind", "status"))
    assert running == {("ban", "in_force"), ("referral", "in_force")}
    actor.refresh_from_db()
    assert actor.standing == "banned"
    all_were_told_once(receiver, secret, ban)
    assert recount.faults() == []


def lose_and_find(lost: EnforcementAction, receiver: Receiver) -> None:
    receiver.say(json.dumps({"missing": [lost.pk]}))
    with clock.at(timezone.now() + timedelta(days=2)):
        tasks.tell_in_force()
    deliver(days=2)
    receiver.say("")


def all_were_told_once(receiver: Receiver, secret: str, lost: EnforcementAction) -> None:
    """A receiver that drops what it has seen takes each order in once, the lost one a second time, under its id."""
    taken: dict[str, Any] = {}
    times: Counter[int] = Counter()
    for request in receiver.received:
        said = request.verified(secret)
        if 200 <= request.status < 300 and said["type"] == "enforcement.approved":
            times[said["data"]["action"]] += not request.is_late
            taken[request.headers["webhook-id"]] = said
    orders = Counter(said["data"]["action"] for said in taken.values())
    assert orders == Counter(EnforcementAction.objects.values_list("pk", flat=True))
    assert times == Counter({**orders, lost.pk: 2})
    lifts = {
        request.headers["webhook-id"]: request.verified(secret)["data"]["kind"]
        for request in receiver.received
        if request.verified(secret)["type"] == "enforcement.lifted"
    }
    assert sorted(lifts.values()) == ["feature_block", "quota", "rate_limit", "suspension"]


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait a second for an answer, not fifteen."""
    monkeypatch.setitem(http.post.__kwdefaults__, "deadline", 1.0)


def by_request() -> Hands:
    def post(by: User, address: str, **fields: Any) -> None:
        client = Client()
        client.force_login(by)
        assert client.post(address, fields).status_code == 302

    def propose(by: User, kind: str, actor: int) -> None:
        address = reverse("enforcement:propose") + f"?actor={actor}"
        post(by, address, kind=kind, reason="Once more.", **SETTINGS.get(kind, TEXTS.get(kind, {})))

    def approve(by: User, action: EnforcementAction) -> None:
        post(by, reverse("enforcement:approve", args=[action.pk]), reason="It holds.")

    def send_again(by: User, action: EnforcementAction) -> None:
        post(by, reverse("enforcement:send_again", args=[action.pk, action.deliveries.get().pk]))

    return Hands(propose, approve, send_again)


def in_browser(visitor: Any) -> Hands:
    pages: dict[int, Any] = {}

    def at(by: User, address: str) -> Any:
        if by.pk in pages:
            pages[by.pk].goto(address)
        else:
            pages[by.pk] = visitor.open(address, by=by)
        return pages[by.pk]

    def propose(by: User, kind: str, actor: int) -> None:
        page = at(by, reverse("enforcement:propose") + f"?actor={actor}")
        page.locator(f"[name=kind][value={kind}]").check()
        for name, text in TEXTS.get(kind, {}).items():
            page.locator(f"[name={name}]").fill(text)
        page.locator("[name=reason]").fill("Once more.")
        page.locator("form[method=post] button.primary").click()
        page.locator("form[action$='/approve/'], .refusal").first.wait_for()
        assert visitor.quiet_faults(page) == []

    def approve(by: User, action: EnforcementAction) -> None:
        page = at(by, action.get_absolute_url())
        page.locator("form[action$='/approve/'] [name=reason]").fill("It holds.")
        page.locator("form[action$='/approve/'] button").first.click()
        page.locator("#deliveries").wait_for()
        assert visitor.quiet_faults(page) == []

    def send_again(by: User, action: EnforcementAction) -> None:
        page = at(by, action.get_absolute_url())
        page.locator("form[action$='/send-again/'] button").click()
        page.get_by_text("not tried yet").or_(page.get_by_text("next attempt")).first.wait_for()

    return Hands(propose, approve, send_again)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_impatient")
def test_the_whole_ladder_by_request(receiver: Receiver):
    walk(by_request(), receiver)


@pytest.mark.long
@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_impatient")
def test_the_whole_ladder_in_the_browser(visitor: Any, receiver: Receiver):
    walk(in_browser(visitor), receiver)
