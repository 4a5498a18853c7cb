"""Any body at all to every endpoint: an answer that says what is wrong, never a 5xx, and nothing in the log."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import DataError, close_old_connections, connection
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given, settings as examples, strategies as st

from tests.access.endpoints import ANY_SCOPE, ENDPOINTS
from tests.access.world import ANONYMOUS, World, undone
from tests.sweeps.bodies import CANARY, ODD_JSON, TEXTS, VALID, requests
from tests.sweeps.faults import FailingAt
from trust.wsgi import application

FEW, MANY = 25, 1500
CALM = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None}

POSTS = [row for row in ENDPOINTS if row.startswith("POST")]
GETS = [row for row in ENDPOINTS if row.startswith("GET")]
PARAMETERS = [
    *("cursor", "status", "severity", "kind", "external_id", "format", "policy", "since", "until", "cut", "by"),
    *("owner__password__startswith", "_connector", "_negated", "id__in", "queue", "page", "ordering", "\0"),
]


def schema() -> Any:
    described = SchemaGenerator().get_schema(request=None, public=True)
    api = schemathesis.openapi.from_dict(json.loads(json.dumps(described)))
    api.app = on_open_connection
    return api


def on_open_connection(environ: Any, start_response: Any) -> Any:
    """Answer within the test's transaction: a server would close a connection that is not its own."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        answer = application(environ, start_response)
        return [b"".join(answer)]
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


OPERATIONS = {
    f"{operation.ok().method.upper()} {operation.ok().path}": operation.ok()
    for operation in schema().get_all_operations()
}


@pytest.fixture(scope="module")
def log() -> Iterator[io.StringIO]:
    """Everything that is logged in this module, as the log file would show it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(next(h.formatter for h in logging.getLogger().handlers if h.formatter))
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


def send_any_body(world: World, row: str, request: tuple[bytes, str, str]) -> None:
    body, content_type, encoding = request
    headers = {**world.key(ANY_SCOPE), **({"Content-Encoding": encoding} if encoding else {})}
    with undone():
        answer = world.client(ANONYMOUS).generic(
            "POST", world.fill(row.split()[1]), body, content_type=content_type, headers=headers
        )
    assert answer.status_code < 500
    if answer.status_code >= 400:
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["detail"] or answer.json()["errors"]


@pytest.mark.parametrize("row", POSTS)
def test_any_body_gets_an_answer(world: World, log: io.StringIO, row: str):
    valid = filled(world, VALID.get(row, {}))

    @examples(max_examples=FEW, derandomize=True, **CALM)
    @given(requests(valid))
    def each(request: tuple[bytes, str, str]) -> None:
        send_any_body(world, row, request)

    each()
    for body in ODD_JSON:
        send_any_body(world, row, (body, "application/json", ""))
    assert_nothing_was_told(log)


@pytest.mark.long
@pytest.mark.parametrize("row", POSTS)
def test_a_great_many_bodies_get_an_answer(world: World, log: io.StringIO, row: str):
    valid = filled(world, VALID.get(row, {}))

    @examples(max_examples=MANY, **CALM)
    @given(requests(valid))
    def each(request: tuple[bytes, str, str]) -> None:
        send_any_body(world, row, request)

    each()
    assert_nothing_was_told(log)


def ask_anything(world: World, row: str, query: dict[str, str]) -> None:
    with undone():
        answer = world.client(ANONYMOUS).get(world.fill(row.split()[1]), query, headers=world.key(ANY_SCOPE))
    assert answer.status_code < 500


queries = st.dictionaries(
    st.sampled_from(PARAMETERS),
    st.one_of(st.sampled_from([text for text in TEXTS if text.isascii()]), st.text(st.characters(codec="utf-8"))),
    max_size=3,
)


@pytest.mark.parametrize("row", GETS)
def test_any_query_string_gets_an_answer(world: World, log: io.StringIO, row: str):
    @examples(max_examples=FEW, derandomize=True, **CALM)
    @given(queries)
    def each(query: dict[str, str]) -> None:
        ask_anything(world, row, query)

    each()
    assert_nothing_was_told(log)


@pytest.mark.long
@pytest.mark.parametrize("row", GETS)
def test_a_great_many_query_strings_get_an_answer(world: World, log: io.StringIO, row: str):
    @examples(max_examples=MANY, **CALM)
    @given(queries)
    def each(query: dict[str, str]) -> None:
        ask_anything(world, row, query)

    each()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_the_schema_makes_up_gets_an_answer(world: World, log: io.StringIO, operation: str):
    explore(world, OPERATIONS[operation], FEW, derandomize=True)
    assert_nothing_was_told(log)


@pytest.mark.long
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_great_deal_that_the_schema_makes_up_gets_an_answer(world: World, log: io.StringIO, operation: str):
    explore(world, OPERATIONS[operation], MANY, derandomize=False)
    assert_nothing_was_told(log)


def explore(world: World, operation: Any, count: int, *, derandomize: bool) -> None:
    """Send what fits the schema, and what does not, through the WSGI application."""
    modes = schemathesis.GenerationMode
    fitting_or_not = operation.as_strategy(generation_mode=modes.POSITIVE) | operation.as_strategy(
        generation_mode=modes.NEGATIVE
    )
    headers = world.key(ANY_SCOPE)

    @examples(max_examples=count, derandomize=derandomize, **CALM)
    @given(fitting_or_not)
    def each(case: Any) -> None:
        with undone():
            status = case.call(headers=headers).status_code
        assert status < 500

    each()


@pytest.mark.parametrize("error", [RuntimeError, ValueError, KeyError, TypeError, DataError])
@pytest.mark.parametrize("row", [row for row in ENDPOINTS if row in VALID or row.startswith("GET")])
def test_no_fault_passes_for_the_senders(world: World, row: str, error: type[Exception]):
    method, address = row.split()
    path, key = world.fill(address), world.key(ANY_SCOPE, "H" if "{held}" in row else "everyone")
    body = json.dumps(filled(world, VALID.get(row, {})))
    client = Client(raise_request_exception=False)

    statuses = []
    for place in range(1, 60):
        fault = FailingAt(place, error)
        with undone(), connection.execute_wrapper(fault):
            answer = client.generic(method, path, body, content_type="application/json", headers=key)
        if not fault.has_struck:
            break
        statuses.append(answer.status_code)

    assert answer.status_code < 300, "the body is not one that this endpoint takes"
    assert statuses == [500] * len(statuses)


def assert_nothing_was_told(log: io.StringIO) -> None:
    assert CANARY not in log.getvalue()
    assert "Traceback" not in log.getvalue()


def filled(world: World, part: Any) -> Any:
    """Put the world's ids into a body."""
    if isinstance(part, dict):
        return {name: filled(world, value) for name, value in part.items()}
    if isinstance(part, list):
        return [filled(world, value) for value in part]
    if isinstance(part, str) and part.startswith("{"):
        return world.names[part.strip("{}")]
    return part
