"""Every list asks the same number of queries for 2 rows and for 60, and knows its own filters alone."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.access import addresses
from tests.access.endpoints import ANY_SCOPE, ENDPOINTS
from tests.access.pages import PAGES
from tests.access.world import ANONYMOUS, World, undone
from tests.sweeps.lists import LISTS, SHORT_LISTS

GETS = [row for row in (*PAGES, *ENDPOINTS) if row.startswith("GET") and "?" not in row and "restricted" not in row]
WHEN = re.compile(r"'20\d\d-[^']*'")
NOT_OURS = "cursor: not one that Trustdesk made"
HOSTILE = [
    "owner__password__startswith=a",
    "_connector=OR",
    "_negated=1",
    "id__in=1",
    "ordering=-owner__password",
    "cursor=1e999999",
    "cursor=" + "x" * 4000,
    "cursor=%00",
    "cursor=W10",
    "cursor=eyJ0IjoxfQ",
    "status=1e999999",
    "severity=1e999999",
    "kind=%00",
]


def ask(world: World, row: str, query: str = "", letter: str = "everyone"):
    address = world.fill(row.split()[1]) + (f"?{query}" if query else "")
    if "/api/v1/" in address:
        return world.client(ANONYMOUS).get(address, headers=world.key(ANY_SCOPE, letter))
    return world.client(letter).get(address)


@pytest.mark.parametrize("row", GETS)
def test_whatever_reads_a_cursor_is_named_as_a_list(world: World, row: str):
    named = {addresses.route_of(world.fill(row.split()[1])) for row in LISTS}

    with undone():
        answer = ask(world, row, "cursor=broken")

    reads_a_cursor = answer.status_code == 400 and NOT_OURS in answer.content.decode()
    assert reads_a_cursor == (addresses.route_of(world.fill(row.split()[1])) in named)


@pytest.mark.parametrize("row", [*LISTS, *SHORT_LISTS])
def test_a_list_asks_as_many_queries_for_60_rows_as_for_2(world: World, row: str):
    make = LISTS.get(row) or SHORT_LISTS[row]

    with undone():
        ask(world, row)  # what is asked once per process
        for _row in range(2):
            make(world)
        few = count_queries(world, row)
        for _row in range(58):
            make(world)
        many = count_queries(world, row)

    assert many == few


@pytest.mark.parametrize("row", LISTS)
def test_a_list_refuses_or_ignores_what_is_no_filter_of_its_own(world: World, row: str):
    with undone():
        calm = statements(world, row, "")
        answers = {query: statements(world, row, query) for query in HOSTILE}

    refused = {query for query, (status, _asked) in answers.items() if status == 400}
    ignored = {query for query, answer in answers.items() if answer == calm}
    assert refused | ignored == set(HOSTILE)
    assert refused >= {query for query in HOSTILE if query.startswith("cursor=")}


def statements(world: World, row: str, query: str) -> tuple[int, list[str]]:
    """Return the status of the answer, and what was asked of the database on the way."""
    with CaptureQueriesContext(connection) as captured:
        answer = ask(world, row, query)
    if answer.status_code == 400:
        assert query.partition("=")[0] in answer.content.decode()
    return answer.status_code, [WHEN.sub("", statement["sql"]) for statement in captured]


def count_queries(world: World, row: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert ask(world, row).status_code == 200
    return len(captured)
