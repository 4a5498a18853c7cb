"""The whole way, as a provider goes it: a signed request to a real server, and the alert behind it."""

import urllib.error
import urllib.request

import pytest
from django.urls import reverse

from incidents.intake.models import Alert
from tests.inbound.factories import event, make_webhook, signed

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_signed_event_comes_in_over_http_once_and_a_tampered_one_never(live_server):
    webhook, body = make_webhook(), event()
    url = live_server.url + reverse("api-webhook-openai", args=[webhook.token])

    statuses = [send(url, body, signed(body)), send(url, body, signed(body)), send(url, body + b"\n", signed(body))]

    assert statuses == [202, 202, 401]
    assert Alert.objects.get().external_id == "evt_1"


def send(url: str, body: bytes, headers: dict[str, str]) -> int:
    request = urllib.request.Request(url, body, headers | {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
