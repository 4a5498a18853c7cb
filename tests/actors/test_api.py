import pytest

from tests.factories import make_actor, make_api_key, make_generation, make_item, make_round, make_user

pytestmark = pytest.mark.django_db

ACTORS = "/api/v1/actors"


@pytest.fixture
def get(client):
    def ask(query="", *scopes, **fields):
        _key, text = make_api_key(*(scopes or ("actors:read",)), **fields)
        return client.get(ACTORS + query, headers={"Authorization": f"Bearer {text}"})

    return ask


def test_an_actor_is_found_by_kind_and_whole_id(get):
    make_actor(external_id="acct_1", parent=make_actor(external_id="org", kind="organisation"), standing="warned")
    make_actor(external_id="acct_12")

    answer = get("?kind=account&external_id=acct_1").json()

    [found] = answer["results"]
    assert found.pop("created_at").startswith("2026-11-02T09:00:00")
    assert found == {
        "kind": "account",
        "external_id": "acct_1",
        "namespace": "default",
        "parent": {"kind": "organisation", "external_id": "org"},
        "standing": "warned",
        "tier": "",
        "tier_told_at": None,
    }
    assert answer["next"] is None


def test_the_list_walks_on_by_cursor(get):
    for _number in range(51):
        make_actor()

    first = get().json()

    assert len(first["results"]) == 50
    assert len(get(f"?cursor={first['next']}").json()["results"]) == 1


@pytest.mark.parametrize(
    "query", ["?kind=robot", "?standing=good", "?cursor=zzz", "?external_id=%00", "?kind=x&kind__in=y"]
)
def test_a_question_that_makes_no_sense_is_named(get, query):
    answer = get(query)

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_key_needs_the_scope_and_an_owner_who_may_read_actors(get):
    assert get("", "intake").status_code == 403
    assert get("", owner=make_user(role="analyst")).status_code == 403


def test_a_reviewers_key_reads_what_the_reviewer_may(get):
    reviewer, own = make_user(), make_actor()
    make_round(item=make_item(generation=make_generation(actor=own)), lease_by=reviewer)
    make_actor()

    results = get("", owner=reviewer).json()["results"]

    assert [actor["external_id"] for actor in results] == [own.external_id]
