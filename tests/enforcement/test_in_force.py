"""Telling endpoints what is in force, and sending again what they have lost, by real and hostile receivers."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from incidents.enforcement import missing, operations, tasks
from incidents.enforcement.models import Delivery, EnforcementAction
from incidents.enforcement.operations import reconciling
from tests.enforcement.factories import approve, propose, propose_warning
from tests.factories import make_user
from tests.harness.receiver import Receiver
from tests.outgoing.factories import make_endpoint
from tests.policies.twice import outcomes_of
from trust import clock
from trust.audit.models import AuditEvent
from trust.outgoing import http, operations as outgoing
from trust.outgoing.models import Message
from trust.outgoing.tasks import deliver_due

pytestmark = pytest.mark.django_db

DAY = timedelta(hours=24, minutes=1)
QUERIES = 12


def deliver() -> None:
    deliver_due()
    tasks.follow_deliveries()
    tasks.send_missing()


def a_day_later(days: int = 1) -> Any:
    return clock.at(timezone.now() + days * DAY)


def received() -> EnforcementAction:
    """Make a suspension that every endpoint received."""
    action = approve(propose())
    while message := outgoing.claim_due():
        outgoing.finish(message, answer=http.Answer(status_code=200))
    tasks.follow_deliveries()
    action.refresh_from_db()
    return action


def answered(text: str) -> Message:
    """Tell what is in force and have the endpoint answer ``text``; return the message."""
    with a_day_later():
        tasks.tell_in_force()
        message = outgoing.claim_due()
        assert message is not None
        outgoing.finish(message, answer=http.Answer(status_code=200, text=text))
        tasks.send_missing()
    return message


def test_a_receiver_that_forgot_an_order_gets_it_again_under_its_id(receiver: Receiver):
    _endpoint, secret = make_endpoint(receiver.url)
    lost, kept = approve(propose()), approve(propose())
    deliver()
    receiver.say(json.dumps({"missing": [lost.pk]}))

    with a_day_later():
        tasks.tell_in_force()
        deliver()
        deliver()

    *orders, told, again = receiver.received
    assert [one["action"] for one in told.verified(secret)["data"]["actions"]] == [lost.pk, kept.pk]
    assert again.verified(secret) == orders[0].verified(secret)
    assert again.headers["webhook-id"] == orders[0].headers["webhook-id"]
    lost.refresh_from_db()
    assert (lost.status, lost.deliveries.get().message.status) == ("in_force", "delivered")
    assert lost.deliveries.get().lost_at is not None
    assert kept.deliveries.get().lost_at is None
    assert AuditEvent.objects.about(lost).filter(kind="enforcement.missing").count() == 1


def test_it_says_what_it_is_and_until_when():
    make_endpoint()
    action = received()

    told = answered("")

    assert told.payload["type"] == "enforcement.in_force"
    assert told.payload["data"] == {
        "page": 1,
        "more": False,
        "actions": [
            {
                "action": action.pk,
                "kind": "suspension",
                "parameters": {"days": 30},
                "actor": {"namespace": "default", "kind": "account", "external_id": action.actor.external_id},
                "ends_at": action.ends_at.isoformat(),
            }
        ],
    }


def test_only_what_the_endpoint_received_and_still_runs_is_told():
    make_endpoint()
    runs, ended = received(), received()
    operations.reverse(ended, reason="A slip.", by=make_user(role="lead"))
    lift = outgoing.claim_due()
    assert lift is not None
    outgoing.finish(lift, answer=http.Answer(status_code=200))
    make_endpoint("http://127.0.0.1:9009/new")

    with a_day_later():
        tasks.tell_in_force()

    told = {message.endpoint_id: message.payload["data"]["actions"] for message in in_force()}
    assert [[one["action"] for one in actions] for _endpoint, actions in sorted(told.items())] == [[runs.pk], []]


def test_it_comes_once_a_day_first_after_a_day_and_not_at_all_when_switched_off():
    make_endpoint()
    tasks.tell_in_force()
    assert not in_force()
    with a_day_later(), override_settings(CONFIRM_IN_FORCE_HOURS=0):
        tasks.tell_in_force()
    assert not in_force()

    answered("")
    with a_day_later():
        tasks.tell_in_force()
    assert len(in_force()) == 1
    with a_day_later(2):
        tasks.tell_in_force()
    with a_day_later(3):  # the second was not received yet
        tasks.tell_in_force()

    assert len(in_force()) == 2


def test_pages_follow_each_other_once_received(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reconciling, "MOST_TOLD", 2)
    make_endpoint()
    actions = [received() for _action in range(5)]

    for _page in range(3):
        answered("")

    pages = [message.payload["data"] for message in in_force()]
    assert [(page["page"], page["more"], len(page["actions"])) for page in pages] == [
        (1, True, 2),
        (2, True, 2),
        (3, False, 1),
    ]
    assert [one["action"] for page in pages for one in page["actions"]] == [action.pk for action in actions]


@pytest.mark.parametrize("many", [2, 60])
def test_a_page_costs_the_same_however_many_are_told(many: int, django_assert_num_queries: Any):
    make_endpoint()
    for _action in range(many):
        received()

    with a_day_later(), django_assert_num_queries(QUERIES):
        operations.tell_in_force()


HOSTILE = [
    "",
    "null",
    "[]",
    '"missing"',
    "{",
    "{}",
    '{"missing": null}',
    '{"missing": 1}',
    '{"missing": {"1": 1}}',
    '{"missing": [true]}',
    '{"missing": ["1"]}',
    '{"missing": [1.0]}',
    '{"missing": [1, 2, 99999]}',
    '{"missing": [-1]}',
    '{"missing": [1, null]}',
    '{"missing": [1e400]}',
    '{"missing": [' + "9" * 5000 + "]}",
    '{"missing": [' + ", ".join(["1"] * 501) + "]}",
    "[" * 9000,
    '{"missing": [1]}' + " " * 20_000,
    "\N{REPLACEMENT CHARACTER}<script>alert(1)</script>",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_an_answer_that_is_anything_else_is_nothing(text: str):
    assert missing.ids_in(text, told={1, 2, 3}) == frozenset()


def test_an_answer_may_name_what_was_told():
    assert missing.ids_in(' {"missing": [1, 3, 3], "more": "words"}', told={1, 2, 3}) == {1, 3}
    assert missing.ids_in('{"missing": []}', told={1}) == frozenset()


def test_what_another_endpoint_was_told_is_not_this_ones_to_miss():
    make_endpoint()
    action = received()
    make_endpoint("http://127.0.0.1:9009/nosy")
    with a_day_later():
        tasks.tell_in_force()
        while message := outgoing.claim_due():
            text = json.dumps({"missing": [action.pk]}) if message.endpoint.url.endswith("nosy") else ""
            outgoing.finish(message, answer=http.Answer(status_code=200, text=text))
        tasks.send_missing()

    assert not Delivery.objects.filter(lost_at__isnull=False).exists()


def test_what_ended_meanwhile_is_not_ordered_again():
    make_endpoint()
    action = received()
    with a_day_later():
        tasks.tell_in_force()
        message = outgoing.claim_due()
        assert message is not None
        operations.reverse(action, reason="A slip.", by=make_user(role="lead"))
        outgoing.finish(message, answer=http.Answer(status_code=200, text=json.dumps({"missing": [action.pk]})))
        tasks.send_missing()

    assert action.deliveries.get(purpose="carry_out").message.status == "delivered"


def test_the_lift_waits_for_what_is_sent_again():
    make_endpoint()
    action = received()
    answered(json.dumps({"missing": [action.pk]}))

    operations.reverse(action, reason="A slip.", by=make_user(role="lead"))

    with a_day_later():
        claimed = outgoing.claim_due()
    assert claimed == action.deliveries.get(purpose="carry_out").message


def test_the_answer_is_not_kept_but_for_its_beginning_in_the_log():
    make_endpoint()
    received()

    told = answered("x" * 5000)

    assert len(told.attempts.get().answer) == 1024


def test_the_page_of_the_action_says_what_was_missed():
    make_endpoint()
    action = approve(propose_warning())
    message = outgoing.claim_due()
    assert message is not None
    outgoing.finish(message, answer=http.Answer(status_code=200))
    answered(json.dumps({"missing": [action.pk]}))
    client = Client()
    client.force_login(make_user(role="lead"))

    page = client.get(reverse("enforcement:detail", args=[action.pk])).content.decode()

    assert "missed by the endpoint, sent again" in page


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_write_a_page_once():
    make_endpoint()
    received()
    later = timezone.now() + DAY

    def tell(_number: int) -> bool:
        with clock.at(later):
            return operations.tell_in_force()

    outcomes = outcomes_of(tell, range(8))

    assert sorted(outcomes) == [False] * 7 + [True]
    assert len(in_force()) == 1


def in_force() -> list[Message]:
    return list(Message.objects.filter(kind="enforcement.in_force").order_by("pk"))
