"""Every endpoint x every method x every scope x every owner: who gets in stands in ``endpoints.py``, by hand."""

import pytest

from tests.access import addresses
from tests.access.endpoints import ANY_SCOPE, ENDPOINTS
from tests.access.letters import LETTERS
from tests.access.world import World, is_let_in, undone

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def test_every_endpoint_of_the_resolver_stands_in_the_table(world: World):
    known = {addresses.route_of(world.fill(row.split()[1])) for row in ENDPOINTS}

    assert known == addresses.routes(api=True)


@pytest.mark.parametrize("row", ENDPOINTS)
def test_an_endpoint_opens_to_exactly_the_scopes_that_the_table_names(world: World, row: str):
    scopes, _owners = ENDPOINTS[row]

    opened = {scope for scope in ANY_SCOPE.split() if _opens(world, row, world.key(scope))}

    assert sorted(opened) == sorted(scopes.split())


@pytest.mark.parametrize("row", ENDPOINTS)
def test_a_key_opens_no_more_than_its_owner_may(world: World, row: str):
    _scopes, owners = ENDPOINTS[row]

    opened = {letter for letter in LETTERS if _opens(world, row, world.key(ANY_SCOPE, letter))}

    assert sorted(opened) == sorted(owners.split())


@pytest.mark.parametrize("row", ENDPOINTS)
def test_an_endpoint_answers_401_to_everything_but_a_key(world: World, row: str):
    signed_in_only = {}
    wrong_key = {"Authorization": "Bearer td_00000000_" + 72 * "0"}
    no_bearer = {"Authorization": world.key(ANY_SCOPE)["Authorization"].replace("Bearer", "Basic")}

    statuses = [_status(world, row, headers) for headers in (signed_in_only, wrong_key, no_bearer)]

    assert statuses == [401, 401, 401]


@pytest.mark.parametrize("address", dict.fromkeys(row.split()[1] for row in ENDPOINTS))
def test_an_endpoint_knows_no_other_method(world: World, address: str):
    others = [method for method in METHODS if f"{method} {address}" not in ENDPOINTS]

    statuses = {method: _status(world, f"{method} {address}", world.key(ANY_SCOPE)) for method in others}

    assert statuses == dict.fromkeys(others, 405)


def _opens(world: World, row: str, key: dict[str, str]) -> bool:
    return _status(world, row, key) not in {401, 403, 404, 405}


def _status(world: World, row: str, headers: dict[str, str]) -> int:
    """Ask by a browser that is signed in as well: a session must not count."""
    method, address = row.split()
    client = world.client("everyone")
    with undone() as written:
        answer = client.generic(method, world.fill(address), "{}", content_type="application/json", headers=headers)
    assert answer.status_code < 500
    assert is_let_in(answer) or not written, f"refused, yet {written} changed"
    return answer.status_code
