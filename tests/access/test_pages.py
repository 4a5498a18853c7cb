"""Every page x every method x everyone: who is let in stands in ``tests/access/pages.py``, by hand."""

import pytest

from tests.access import addresses
from tests.access.letters import LETTERS
from tests.access.pages import PAGES
from tests.access.world import ANONYMOUS, World, is_let_in, leads_to_sign_in, undone

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def test_every_page_of_the_resolver_stands_in_the_table(world: World):
    known = {addresses.route_of(world.fill(row.split()[1])) for row in PAGES}

    assert known == addresses.routes(api=False)


@pytest.mark.parametrize("row", PAGES)
def test_a_page_lets_in_exactly_those_whom_the_table_names(world: World, row: str):
    let_in = {letter for letter in (ANONYMOUS, *LETTERS) if _is_let_in(world, letter, row)}

    assert sorted(let_in) == sorted(PAGES[row].split())


@pytest.mark.parametrize("address", dict.fromkeys(row.split()[1] for row in PAGES))
def test_a_page_knows_no_other_method(world: World, address: str):
    others = [method for method in METHODS if f"{method} {address}" not in PAGES]

    client, statuses = world.client("everyone"), {}
    for method in others:
        with undone() as written:
            statuses[method] = client.generic(method, world.fill(address)).status_code
        assert not written

    assert statuses == dict.fromkeys(others, 405)


@pytest.mark.parametrize("row", [row for row in PAGES if row.startswith("POST")])
def test_a_form_without_its_token_changes_nothing(world: World, row: str):
    client = world.client("everyone")
    client.handler.enforce_csrf_checks = True

    with undone() as written:
        answer = client.post(world.fill(row.split()[1]))
    client.handler.enforce_csrf_checks = False

    assert answer.status_code == 403
    assert not written


def _is_let_in(world: World, letter: str, row: str) -> bool:
    client = world.client(letter)
    with undone() as written:
        answer = world.ask(client, row)
    assert answer.status_code != 500
    if answer.status_code == 409:
        assert not written, f"{letter} was told why not, yet {written} changed"
    if is_let_in(answer):
        return True
    is_refused = leads_to_sign_in(answer) if letter == ANONYMOUS else answer.status_code in {403, 404}
    assert is_refused, f"{letter} was refused by {answer.status_code}"
    assert not written, f"{letter} was refused, yet {written} changed"
    return False
