import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from incidents.inbound import operations
from incidents.inbound.models import Arrival, InboundWebhook, Tally
from incidents.intake.models import Alert, Batch
from tests.factories import make_user
from tests.inbound.factories import SECRET, event, make_webhook, secret_of, signed
from trust import clock

pytestmark = pytest.mark.django_db

EVENT = event()


def deliver(webhook: InboundWebhook, body: bytes = EVENT, headers: dict[str, str] | None = None) -> Any:
    address = reverse("api-webhook-openai", args=[webhook.token])
    headers = signed(body) if headers is None else headers
    return Client().post(address, body, content_type="application/json", headers=headers)


def tally(webhook: InboundWebhook) -> Tally:
    return Tally.objects.get(webhook=webhook)


def test_a_signed_event_about_safety_becomes_an_alert_of_the_webhooks_source():
    webhook = make_webhook(source="openai-eu")

    answer = deliver(webhook)

    alert = Alert.objects.get()
    assert (answer.status_code, answer.json()) == (202, {"outcome": "accepted"})
    assert (alert.source.slug, alert.external_id, alert.kind) == ("openai-eu", "evt_1", "partner_report")
    assert alert.flagged == ["cyber"]
    assert bytes(alert.payload_link.payload.body) == EVENT
    assert tally(webhook).received == 1
    assert tally(webhook).last_received_at is not None
    assert tally(webhook).last_refused_at is None


@pytest.mark.parametrize(
    ("sign", "why"),
    [
        (dict, "not_signed"),
        (lambda: signed(EVENT, secret=secret_of("another")), "other_signature"),
        (lambda: signed(EVENT + b" "), "other_signature"),
        (lambda: signed(EVENT) | {"webhook-id": "wh_2"}, "other_signature"),
        (lambda: signed(EVENT) | {"webhook-signature": "v1,é"}, "other_signature"),
        (lambda: signed(EVENT) | {"webhook-timestamp": "soon"}, "other_signature"),
        (lambda: signed(EVENT) | {"webhook-timestamp": "nan"}, "other_signature"),
        (lambda: signed(EVENT, ago=timedelta(minutes=6)), "other_time"),
        (lambda: signed(EVENT, ago=timedelta(minutes=-6)), "other_time"),
    ],
)
def test_what_is_not_signed_right_now_with_the_secret_is_told_nothing(sign: Callable[[], dict[str, str]], why: str):
    webhook, headers = make_webhook(), sign()
    nowhere = InboundWebhook(token="00000000-0000-4000-8000-000000000000")

    answer, elsewhere = deliver(webhook, headers=headers), deliver(nowhere, headers=headers)

    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.content == elsewhere.content
    assert tally(webhook).last_refusal == why
    assert not Batch.objects.exists()


def test_nothing_is_read_before_the_signature_is_known_to_fit(monkeypatch: pytest.MonkeyPatch):
    webhook = make_webhook()
    monkeypatch.setattr("incidents.intake.formats.converting.read", lambda *_given: pytest.fail("it was parsed"))

    assert deliver(webhook, headers={}).status_code == 401


def test_a_webhook_that_is_off_or_has_no_secret_refuses_what_is_signed():
    off, bare = make_webhook(), make_webhook(secret="")
    operations.switch_off(off, by=make_user(role="admin"))

    assert (deliver(off).status_code, tally(off).last_refusal) == (401, "off")
    assert (deliver(bare).status_code, tally(bare).last_refusal) == (401, "no_secret")
    operations.switch_on(off, by=make_user(role="admin"))
    assert deliver(off).status_code == 202


def test_two_secrets_hold_for_a_day_and_then_one():
    webhook, admin, new = make_webhook(), make_user(role="admin"), secret_of("the next one")
    operations.set_secret(webhook, secret=new, by=admin)

    first = deliver(webhook, headers=signed(EVENT, message="a"))
    second = deliver(webhook, event(id="evt_2"), signed(event(id="evt_2"), message="b", secret=new))
    InboundWebhook.objects.update(former_until=clock.now())
    late = deliver(webhook, headers=signed(EVENT, message="c"))

    assert [first.status_code, second.status_code, late.status_code] == [202, 202, 401]


def test_a_former_secret_is_ended_at_once():
    webhook, admin = make_webhook(), make_user(role="admin")
    operations.set_secret(webhook, secret=secret_of("the next one"), by=admin)

    operations.end_former_secret(webhook, by=admin)

    assert deliver(webhook).status_code == 401


def test_the_same_request_sent_again_is_a_duplicate_even_if_it_says_something_else():
    webhook = make_webhook()

    first, again = deliver(webhook), deliver(webhook)
    changed = deliver(webhook, event(id="evt_2"), signed(event(id="evt_2")))

    assert [answer.json()["outcome"] for answer in (first, again, changed)] == ["accepted", "duplicate", "duplicate"]
    assert Alert.objects.count() == 1
    assert (tally(webhook).received, tally(webhook).repeated) == (1, 2)


def test_an_event_that_comes_under_another_webhook_id_is_a_duplicate_too():
    webhook = make_webhook()
    deliver(webhook)

    answer = deliver(webhook, headers=signed(EVENT, message="wh_2"))

    assert answer.json() == {"outcome": "duplicate"}
    assert Alert.objects.count() == 1


@pytest.mark.parametrize("about", ["response.completed", "batch.failed", "safetynet.down"])
def test_an_event_about_something_else_is_acknowledged_and_counted_and_leaves_nothing(about: str):
    webhook, body = make_webhook(), event(type=about, data={"id": ["anything"]})

    answer = deliver(webhook, body, signed(body))

    assert (answer.status_code, answer.json()) == (202, {"outcome": "ignored"})
    assert tally(webhook).ignored == 1
    assert not Batch.objects.exists()


@pytest.mark.parametrize("body", [b"{}", b"[]", b"no json", b"", event(id=7), event(created_at="soon"), b'{"type": 1}'])
def test_what_is_signed_but_no_event_is_rejected_with_its_errors_and_may_come_again(body: bytes):
    webhook = make_webhook()

    answer = deliver(webhook, body, signed(body))

    assert answer.status_code == 422
    assert answer.json()["errors"]
    assert tally(webhook).last_refusal == "not_read"
    assert not Arrival.objects.exists()


def test_a_body_that_is_too_large_is_refused_unread():
    webhook, body = make_webhook(), json.dumps({"id": "x" * 300_000}).encode()

    assert deliver(webhook, body, signed(body)).status_code == 413
    assert tally(webhook).last_refusal == "too_large"


def test_more_than_a_webhook_takes_in_a_minute_is_asked_to_wait(monkeypatch: pytest.MonkeyPatch):
    webhook = make_webhook()
    monkeypatch.setattr(operations, "MOST_SIGNED_A_MINUTE", 1)

    answers = [deliver(webhook, headers=signed(EVENT, message=str(number))) for number in range(4)]

    late = answers[-1] if answers[-1].status_code == 429 else answers[1]
    assert late.status_code == 429
    assert 1 <= int(late["Retry-After"]) <= 61
    assert tally(webhook).last_refusal == "too_many"


def test_a_flood_of_unsigned_requests_is_refused_without_being_written_and_stops_nobody(
    monkeypatch: pytest.MonkeyPatch,
):
    webhook = make_webhook()
    monkeypatch.setattr(operations, "MOST_REFUSED_A_MINUTE", 2)

    statuses = {deliver(webhook, headers={}).status_code for _number in range(8)}

    assert statuses == {401}
    assert tally(webhook).refused <= 4  # a minute may have turned meanwhile
    assert deliver(webhook).status_code == 202


def test_the_secret_stands_nowhere_in_the_database():
    make_webhook()

    with connection.cursor() as cursor:
        cursor.execute("select row_to_json(w)::text from inbound_inboundwebhook w")
        text = cursor.fetchone()[0]

    assert SECRET not in text
    assert SECRET.encode().hex() not in text


def test_requests_are_forgotten_after_a_month():
    webhook = make_webhook()
    deliver(webhook)
    Arrival.objects.update(received_at=clock.now() - timedelta(days=31))

    assert operations.forget_arrivals() == 1
    assert operations.forget_arrivals() == 0
