from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import NOW, make_user
from tests.outgoing.factories import give_up, make_endpoint, make_message
from trust import webhook_secrets as secrets
from trust.outgoing.models import Attempt, Endpoint

pytestmark = pytest.mark.django_db

LIST = "/settings/endpoints/"
NEW = "/settings/endpoints/new/"


def signed_in(role: str = "admin") -> Client:
    client = Client()
    client.force_login(make_user(role=role))
    return client


@pytest.mark.parametrize(
    ("role", "reads", "manages"),
    [
        ("reviewer", 403, 403),
        ("lead", 403, 403),
        ("policy_editor", 403, 403),
        ("policy_approver", 403, 403),
        ("analyst", 403, 403),
        ("auditor", 200, 403),
        ("admin", 200, 200),
    ],
)
def test_auditors_read_and_admins_manage(role: str, reads: int, manages: int):
    endpoint, _secret = make_endpoint()
    client = signed_in(role)

    assert client.get(LIST).status_code == reads
    assert client.get(NEW).status_code == manages
    assert (client.post(NEW).status_code == 403) == (manages == 403)
    for name in ("switch_on", "switch_off"):
        assert (client.post(reverse(f"outgoing:{name}", args=[endpoint.pk])).status_code == 403) == (manages == 403)


def test_nobody_gets_in_without_signing_in():
    assert Client().get(LIST).status_code == 302


def test_the_secret_is_shown_once_and_never_again():
    client = signed_in()

    page = client.post(NEW, {"name": "Billing", "url": "http://127.0.0.1:9000/x", "trusts_receipt": "on"})

    endpoint = Endpoint.objects.get()
    secret = secrets.unseal(endpoint.sealed_secret)
    assert secret in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    assert secret not in client.get(LIST).content.decode()
    assert endpoint.trusts_receipt


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"name": "a\0b"},
        {"url": "http://10.0.0.1/"},
        {"url": "https://127.1/"},
        {"url": "javascript:alert(1)"},
        {"url": "https://example.org:22/"},
        {"url": "h" * 600},
    ],
)
def test_what_is_wrong_is_said_beside_its_field(wrong: dict[str, str]):
    response = signed_in().post(NEW, {"name": "Billing", "url": "http://127.0.0.1:9000/", **wrong})

    assert response.status_code == 422
    assert 'class="field wrong"' in response.content.decode()
    assert not Endpoint.objects.exists()


def test_a_name_that_is_taken_is_refused():
    endpoint, _secret = make_endpoint()

    response = signed_in().post(NEW, {"name": endpoint.name, "url": endpoint.url})

    assert response.status_code == 409


def test_an_endpoint_is_switched_off_and_on():
    endpoint, _secret = make_endpoint()
    client = signed_in()

    client.post(reverse("outgoing:switch_off", args=[endpoint.pk]))
    off = client.get(LIST).content.decode()
    client.post(reverse("outgoing:switch_on", args=[endpoint.pk]))

    endpoint.refresh_from_db()
    assert "Switch on" in off
    assert endpoint.is_active


def test_the_list_says_what_waits_and_what_was_given_up():
    endpoint, _secret = make_endpoint()
    make_message(endpoint)
    give_up(make_message(endpoint))

    page = signed_in().get(LIST).content.decode()

    assert '<td class="number">1</td>' in page
    assert "Some were given up" in page


@pytest.mark.parametrize("rows", [2, 60])
def test_the_list_costs_the_same_however_long(rows: int, django_assert_num_queries: Any):
    client = signed_in()
    for _number in range(rows):
        make_endpoint()

    with django_assert_num_queries(4):
        client.get(LIST)


# ── The log of an endpoint ───────────────────────────────


def test_the_log_tells_of_each_attempt_and_quotes_answers_harmlessly():
    endpoint, _secret = make_endpoint()
    message = make_message(endpoint, kind="enforcement.approved")
    Attempt.objects.create(message=message, number=1, at=NOW, status_code=503, answer="<b>later</b>")
    client = signed_in("auditor")

    page = client.get(f"{LIST}{endpoint.pk}/").content.decode()

    assert "&lt;b&gt;later&lt;/b&gt;" in page
    assert str(message.webhook_id) in page
    assert "Change the secret" not in page
    assert str(message.webhook_id) not in client.get(f"{LIST}{endpoint.pk}/?status=dead").content.decode()


def test_the_new_secret_is_shown_once():
    endpoint, _secret = make_endpoint()
    client = signed_in()

    page = client.post(f"{LIST}{endpoint.pk}/secret/").content.decode()

    endpoint.refresh_from_db()
    assert secrets.unseal(endpoint.sealed_secret) in page.replace("&#x2B;", "+").replace("&#x3D;", "=")
    assert "The former secret signs beside" in client.get(f"{LIST}{endpoint.pk}/").content.decode()


def test_sixty_messages_take_as_many_queries_as_two(django_assert_num_queries):
    endpoint, _secret = make_endpoint()
    client = signed_in()
    for many in (2, 58):
        for _message in range(many):
            Attempt.objects.create(message=make_message(endpoint), number=1, at=NOW, status_code=200)
        with django_assert_num_queries(5):
            client.get(f"{LIST}{endpoint.pk}/")
