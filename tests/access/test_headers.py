"""What every answer tells the browser, error pages included."""

import re

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client

from tests.access.endpoints import ANY_SCOPE, ENDPOINTS
from tests.access.pages import PAGES
from tests.access.world import ANONYMOUS, World, undone
from trust import health

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
}
EXACT = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
TYPES = re.compile(
    r"(text/html|text/plain|text/csv|text/markdown); charset=utf-8"
    r"|application/((problem\+)?json|vnd\.oai\.openapi(\+json)?)(; charset=utf-8)?"
    r"|application/zip",
    re.IGNORECASE,
)


@pytest.mark.parametrize("row", PAGES)
def test_every_page_is_private_and_runs_no_script_but_ours(world: World, row: str):
    signed_in, anonymous = world.client("everyone"), world.client(ANONYMOUS)

    for client in (signed_in, anonymous):
        with undone():
            assert faults(world.ask(client, row)) == []


@pytest.mark.parametrize("row", ENDPOINTS)
def test_every_endpoint_answers_with_the_same_headers(world: World, row: str):
    method, address = row.split()

    for headers in (world.key(ANY_SCOPE), {}):
        with undone():
            answer = world.client(ANONYMOUS).generic(method, world.fill(address), headers=headers)
        assert faults(answer) == []


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/nothing-here/", 404),
        ("/api/v1/nothing-here", 404),
        ("/policies/?cursor=broken", 400),
        ("/incidents/?colour=red", 400),
        ("/incidents/9223372036854775807/", 404),
    ],
)
def test_every_error_page_has_the_headers_too(world: World, address: str, status: int):
    answer = world.client("everyone").get(address)

    assert answer.status_code == status
    assert faults(answer) == []


def test_a_refused_form_and_a_wrong_host_have_them_too(world: World):
    strict = Client(enforce_csrf_checks=True)

    answers = [strict.post("/accounts/login/"), strict.get("/accounts/login/", headers={"Host": "elsewhere.example"})]

    assert [answer.status_code for answer in answers] == [403, 400]
    assert [faults(answer) for answer in answers] == [[], []]


@pytest.mark.parametrize("address", ["/healthz", "/api/v1/queues"])
def test_a_failure_has_them_too(world: World, address: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(health, "JsonResponse", fail)
    monkeypatch.setattr("incidents.queues.queries.queue_states", fail)
    client = Client(raise_request_exception=False)
    key = world.key(ANY_SCOPE)

    with undone():
        answer = client.get(address, headers=key)

    assert answer.status_code == 500
    assert faults(answer) == []


def test_an_absent_database_has_them_too(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(health, "JsonResponse", go_away)
    monkeypatch.setattr("django.db.connection.close", lambda: None)

    answer = Client(raise_request_exception=False).get("/healthz")

    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert faults(answer) == []


def faults(answer: HttpResponse) -> list[str]:
    found = [f"{name}: {answer.get(name)}" for name, value in EXACT.items() if answer.get(name) != value]
    if {part.strip() for part in answer.get("Content-Security-Policy", "").split(";")} != POLICY:
        found.append(f"Content-Security-Policy: {answer.get('Content-Security-Policy')}")
    if "no-store" not in answer.get("Cache-Control", ""):
        found.append(f"Cache-Control: {answer.get('Cache-Control')}")
    if not answer.get("X-Request-Id"):
        found.append("X-Request-Id is missing")
    if answer.content and not TYPES.fullmatch(answer["Content-Type"]):
        found.append(f"Content-Type: {answer['Content-Type']}")
    return found + [f"{name} is set" for name in answer.headers if name.startswith("Access-Control-")]


def fail(*arguments: object, **options: object) -> HttpResponse:
    raise RuntimeError("a fault that nobody expected")


def go_away(*arguments: object, **options: object) -> HttpResponse:
    raise OperationalError("the server closed the connection")
