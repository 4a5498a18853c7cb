"""Search by key: the same filter as on the page, and no text in the answer."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories import make_api_key, make_user
from tests.search.factories import index, make_searchable

pytestmark = pytest.mark.django_db


def ask(owner, **query: str):
    admin, now = make_user(role="admin"), timezone.now()
    times = {"approved_by": admin, "expires_at": now + timedelta(days=1), "created_at": now}
    text = make_api_key("content:read", owner=owner, **times)[1]
    return Client().get("/api/v1/search", query, headers={"Authorization": f"Bearer {text}"})


def test_a_key_finds_what_its_owner_may_see_and_gets_no_text():
    item = make_searchable("a green kettle behind the shed")
    index()

    answer = ask(make_user(role="lead"), q="kettle")

    [hit] = answer.json()["results"]
    assert (hit["kind"], hit["item"], hit["id"]) == ("generation", item.pk, item.generation_id)
    assert answer.json()["counts"]["total"] == {"number": 1, "is_more": False}
    assert "shed" not in answer.content.decode()
    assert ask(make_user(), q="kettle").json()["results"] == []


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ({}, 422, "Say what to look for."),
        ({"q": '"half'}, 422, "A quotation mark is missing"),
        ({"q": "tea", "page": "2"}, 400, "page"),
        ({"q": "tea", "cursor": "nonsense"}, 400, "cursor"),
        ({"q": "tea", "cursor": "WyJhIiwxXQ"}, 400, "cursor"),
    ],
)
def test_what_cannot_be_read_is_named(query: dict[str, str], status: int, said: str):
    answer = ask(make_user(role="lead"), **query)

    assert answer.status_code == status
    assert said in answer.content.decode()


def test_pages_follow_each_other():
    items = [make_searchable("a kettle") for _place in range(26)]
    index()
    lead = make_user(role="lead")

    first = ask(lead, q="kettle").json()
    second = ask(lead, q="kettle", cursor=first["next"]).json()

    assert len(first["results"]) == 25
    assert {hit["item"] for hit in first["results"] + second["results"]} == {item.pk for item in items}
    assert second["next"] is None
    assert second["counts"] is None
