"""What a page of enforcement costs does not follow its rows."""

from typing import Any

import pytest

from incidents.enforcement import operations
from tests.enforcement.factories import approve, make_finding, propose
from tests.enforcement.test_pages import signed_in, url
from tests.factories import make_actor, make_enforcement
from tests.outgoing.factories import make_endpoint

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("rows", [2, 60])
def test_the_list_costs_the_same_however_long(rows: int, django_assert_num_queries: Any):
    client = signed_in()
    for _number in range(rows):
        propose()

    with django_assert_num_queries(6):
        page = client.get(url("list"))

    assert len(page.context["rows"]) == min(rows, 50)


@pytest.mark.parametrize("rows", [2, 60])
def test_an_action_costs_the_same_however_much_there_is(rows: int, django_assert_num_queries: Any):
    client, actor = signed_in(), make_actor()
    for _number in range(3):
        make_endpoint()
    for _number in range(rows):
        make_enforcement()
        make_finding(actor)
    operations.give_strikes()
    enforcement = propose(actor)
    client.get(url("detail", enforcement.pk))

    with django_assert_num_queries(12):
        client.get(url("detail", enforcement.pk))


@pytest.mark.parametrize("rows", [2, 60])
def test_a_running_action_costs_the_same_however_many_endpoints(rows: int, django_assert_num_queries: Any):
    client = signed_in()
    for _number in range(rows):
        make_endpoint()
    enforcement = approve(propose())

    with django_assert_num_queries(8):
        client.get(url("detail", enforcement.pk))


@pytest.mark.parametrize("rows", [2, 60])
def test_a_proposals_form_costs_the_same_however_much_evidence(rows: int, django_assert_num_queries: Any):
    client, actor = signed_in(), make_actor()
    for _number in range(rows):
        make_finding(actor)

    with django_assert_num_queries(6):
        client.get(f"{url('propose')}?actor={actor.pk}")
