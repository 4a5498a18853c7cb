"""``GET /api/v1/statistics``: exact or suppressed by the key's scope, and each wrong parameter named."""

from datetime import UTC, datetime

import pytest

from tests.factories import make_actor, make_api_key, make_clause, make_user
from tests.statistics.made import make_many, make_restricted_clause
from trust import clock
from trust.audit.models import AuditEvent

pytestmark = pytest.mark.django_db

URL = "/api/v1/statistics"
TODAY = datetime(2026, 11, 6, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _today():
    with clock.at(TODAY):
        yield


def get(client, *scopes: str, query: dict | None = None, owner=None):
    fields = {"owner": owner} if owner else {}
    _key, text = make_api_key(*scopes, **fields)
    return client.get(URL, query or {}, headers={"Authorization": f"Bearer {text}"})


def cells_of(response) -> dict[tuple[str, str], dict]:
    return {(cell["row"], cell["column"]): cell for cell in response.json()["cells"]}


@pytest.fixture
def few_and_many() -> list[str]:
    """The keys of two policies: one found of 3 actors, one of 30."""
    clauses = [make_clause(), make_clause()]
    for clause, number in zip(clauses, (3, 30), strict=True):
        make_many([make_actor() for _ in range(number)], clause)
    return [clause.clause.policy.key for clause in clauses]


def test_a_key_that_may_read_gets_what_may_be_published(client, few_and_many):
    response = get(client, "statistics:read")

    cells = cells_of(response)
    assert response.json()["is_suppressed"]
    assert cells[("2026-11-02", few_and_many[0])] == {
        "row": "2026-11-02",
        "column": few_and_many[0],
        "count": None,
        "is_hidden": True,
    }
    assert cells[("2026-11-02", "total")]["count"] == 33


def test_a_key_for_exact_counts_gets_them_and_the_actors(client, few_and_many):
    response = get(client, "statistics:exact")

    cell = cells_of(response)[("2026-11-02", few_and_many[0])]
    assert (cell["count"], cell["actors"], cell["is_hidden"]) == (3, 3, False)
    assert AuditEvent.objects.get(kind="statistics.exported").via_key is not None


def test_a_key_for_exact_counts_may_ask_for_what_may_be_published(client, few_and_many):
    response = get(client, "statistics:exact", query={"view": "published"})

    assert response.json()["is_suppressed"]
    assert not AuditEvent.objects.filter(kind="statistics.exported").exists()


def test_a_key_that_may_read_may_not_ask_for_exact_counts(client):
    response = get(client, "statistics:read", query={"view": "exact"})

    assert response.status_code == 403
    assert response.json()["detail"] == "Exact counts need the scope statistics:exact."


def test_the_scope_for_exact_counts_is_worth_what_its_owner_may_see(client):
    response = get(client, "statistics:exact", owner=make_user(role="policy_editor"))

    assert response.status_code == 403


@pytest.mark.parametrize("scope", ["intake", "queues:read", "releases:read"])
def test_other_scopes_do_not_open_statistics(client, scope):
    assert get(client, scope).status_code == 403


def test_a_restricted_policy_cannot_be_asked_for(client):
    policy = make_restricted_clause().clause.policy.key

    response = get(client, "statistics:exact", query={"policy": policy})

    assert response.status_code == 400


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({"group": "week"}, "group"),
        ({"policy__restricted_category": "x"}, "policy__restricted_category"),
        ({"by": "year"}, "by"),
        ({"across": "actor"}, "across"),
        ({"from": "2026-13-01"}, "from"),
        ({"to": "9999-12-31"}, "to"),
        ({"severity": "99999999999999999999"}, "severity"),
        ({"source": "a\0b"}, "source"),
        ({"view": "raw"}, "view"),
        ({"by": ["week", "day"]}, "by"),
    ],
)
def test_a_wrong_parameter_is_named(client, query, name):
    response = get(client, "statistics:exact", query=query)

    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert name in response.json()["detail"]


def test_filters_are_named_in_the_answer(client, few_and_many):
    response = get(client, "statistics:exact", query={"across": "severity", "policy": few_and_many[1]})

    assert response.json()["filters"] == {"policy": few_and_many[1]}
    assert response.json()["counts"] == "violations"
    assert cells_of(response)[("total", "total")]["count"] == 30


def test_verdicts_and_sources_count_decisions(client, few_and_many):
    assert get(client, "statistics:exact", query={"across": "verdict"}).json()["counts"] == "decisions"


def test_the_answer_says_what_it_covers(client):
    answer = get(client, "statistics:read").json()

    assert (answer["by"], answer["across"], answer["from"], answer["to"]) == (
        "week",
        "policy",
        "2026-10-05",
        "2027-01-03",
    )
