"""Everybody learns whether Trustdesk is ready; what is not, only those who run it."""

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from tests.factories import make_api_key
from trust import health

pytestmark = pytest.mark.django_db

HERE = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1:8000"}


def asked(**environ: str) -> dict:
    return Client().get("/readyz", **environ).json()


@pytest.mark.parametrize(
    "environ",
    [
        HERE,
        {"REMOTE_ADDR": "::1", "HTTP_HOST": "[::1]:8000"},
        {"REMOTE_ADDR": "127.8.8.8", "HTTP_HOST": "localhost"},
    ],
)
def test_the_checks_are_told_on_the_machine_itself(environ: dict[str, str]):
    assert asked(**environ)["checks"]["migrations"] == "ok"


@pytest.mark.parametrize(
    "environ",
    [
        {"REMOTE_ADDR": "203.0.113.7"},
        {"REMOTE_ADDR": "10.0.0.5"},
        {"REMOTE_ADDR": ""},
        {"REMOTE_ADDR": "unknown"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
        {"HTTP_X_REAL_IP": "127.0.0.1"},
        {"HTTP_VIA": "1.1 proxy"},
        {"HTTP_X_FORWARDED_PROTO": "https"},
        {"HTTP_HOST": "trustdesk.example.org"},
        {"HTTP_AUTHORIZATION": "Bearer td_00000000_" + 72 * "0", "REMOTE_ADDR": "203.0.113.7"},
    ],
)
def test_everybody_else_gets_the_bare_status(environ: dict[str, str], settings: Any):
    settings.ALLOWED_HOSTS = ["*"]

    assert asked(**(HERE | environ)).keys() == {"status"}


def test_an_api_key_is_told_the_checks_wherever_it_asks_from():
    _key, text = make_api_key("intake")

    answer = asked(REMOTE_ADDR="203.0.113.7", HTTP_AUTHORIZATION=f"Bearer {text}")

    assert answer["checks"]["migrations"] == "ok"


def test_a_key_opens_nothing_while_the_database_is_away(monkeypatch: pytest.MonkeyPatch):
    def away(*_given: object) -> None:
        raise OperationalError

    _key, text = make_api_key("intake")
    monkeypatch.setattr("trust.accounts.authentication._find", away)
    monkeypatch.setitem(health.CHECKS, "database", away)

    answer = Client().get("/readyz", REMOTE_ADDR="203.0.113.7", HTTP_AUTHORIZATION=f"Bearer {text}")

    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable"})
