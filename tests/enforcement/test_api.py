from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from incidents.enforcement.models import EnforcementAction
from incidents.intake.models import Source
from tests.enforcement.factories import approve, make_finding, propose
from tests.factories import make_actor, make_api_key, make_user
from tests.policies.twice import outcomes_of
from trust import clock

pytestmark = pytest.mark.django_db

URL = "/api/v1/enforcement-actions"


class Machine:
    """A client that speaks with one key."""

    def __init__(self, *scopes: str, **fields: Any) -> None:
        self.key, text = make_api_key(*scopes, **fields)
        self.headers = {"Authorization": f"Bearer {text}"}

    def post(self, body: Any, **headers: str) -> Any:
        return Client().post(URL, body, content_type="application/json", headers={**self.headers, **headers})

    def get(self, path: str = "") -> Any:
        return Client().get(f"{URL}{path}", headers=self.headers)


@pytest.fixture
def machine() -> Machine:
    return Machine("enforcement:propose", "enforcement:read")


def body(external_id: str, **fields: Any) -> dict[str, Any]:
    return {
        "actor": {"kind": "account", "external_id": external_id},
        "kind": "suspension",
        "parameters": {"days": 30},
        "reason": "Third wave in a week.",
        "decisions": [],
        **fields,
    }


def test_a_key_proposes_as_its_owner(machine: Machine):
    actor = make_actor()
    decision = make_finding(actor)

    response = machine.post(body(actor.external_id, decisions=[decision.pk]))

    answer = response.json()
    enforcement = EnforcementAction.objects.get()
    assert response.status_code == 201
    assert (answer["id"], answer["status"], answer["kind"]) == (enforcement.pk, "proposed", "suspension")
    assert answer["proposed_by"] == machine.key.owner.pseudonym
    assert answer["evidence"][0]["decision"] == decision.pk
    assert (enforcement.proposed_by, enforcement.proposed_via_key) == (machine.key.owner, machine.key.pk)


def test_a_key_says_when_it_is_to_begin_and_the_same_again_is_no_error_once_that_is_past(machine: Machine):
    actor, at = make_actor(), clock.now() + timedelta(days=1)
    asked = body(actor.external_id, starts_at=at.isoformat())

    first = machine.post(asked, **{"Idempotency-Key": "a"})
    with clock.at(at + timedelta(days=1)):
        again = machine.post(asked, **{"Idempotency-Key": "a"})
        late = machine.post(asked, **{"Idempotency-Key": "b"})

    enforcement = EnforcementAction.objects.get()
    assert (first.status_code, again.status_code, late.status_code) == (201, 200, 409)
    assert enforcement.starts_at == at
    assert again.json()["id"] == enforcement.pk
    assert (again.json()["rule"], again.json()["starts_at"]) == (None, first.json()["starts_at"])


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"kind": "exile"}, "kind"),
        ({"reason": ""}, "reason"),
        ({"reason": "x" * 2001}, "reason"),
        ({"reason": None}, "reason"),
        ({"parameters": {}}, "parameters.days"),
        ({"parameters": {"days": 2**62}}, "parameters.days"),
        ({"parameters": {"days": [1]}}, "parameters.days"),
        ({"parameters": {"days": 30, "colour": "red"}}, "parameters.colour"),
        ({"parameters": [1]}, "parameters"),
        ({"decisions": [0]}, "decisions.0"),
        ({"decisions": ["x"]}, "decisions.0"),
        ({"decisions": [2**62]}, "decisions"),
        ({"decisions": "all"}, "decisions"),
        ({"decisions": list(range(1, 102))}, "decisions"),
        ({"actor": "acct_1"}, "actor"),
        ({"actor": {"kind": "robot", "external_id": "x"}}, "actor.kind"),
        ({"actor": {"kind": "account", "external_id": "nobody"}}, "actor"),
        ({"actor": {"kind": "account", "external_id": "x" * 201}}, "actor.external_id"),
        ({"approved": True}, "approved"),
        ({"starts_at": "soon"}, "starts_at"),
        ({"actor": {"kind": "account", "external_id": "x", "standing": "good"}}, "actor.standing"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(machine: Machine, wrong: dict[str, Any], path: str):
    actor = make_actor()

    response = machine.post(body(actor.external_id, **wrong))

    assert response.status_code == 422, response.content
    assert path in response.json()["errors"]
    assert not EnforcementAction.objects.exists()


@pytest.mark.parametrize("sent", ["", "[]", "null", "7", '"x"', "{", '{"kind": "\\u0000"}', '{"actor": {"kind": []}}'])
def test_any_body_gets_an_answer(machine: Machine, sent: str):
    response = machine.post(sent)

    assert response.status_code in {400, 422}
    assert response["Content-Type"] == "application/problem+json"


def test_evidence_against_another_actor_is_refused(machine: Machine):
    elsewhere = make_finding(make_actor())

    response = machine.post(body(make_actor().external_id, decisions=[elsewhere.pk]))

    assert response.status_code == 409
    assert "about another actor" in response.json()["detail"]


def test_the_same_idempotency_key_proposes_once(machine: Machine):
    actor = make_actor()
    headers = {"Idempotency-Key": "8e03978e"}

    first = machine.post(body(actor.external_id), **headers)
    again = machine.post(body(actor.external_id), **headers)
    other = machine.post(body(actor.external_id, reason="Other."), **headers)

    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 422)
    assert first.json()["id"] == again.json()["id"]
    assert other.json()["type"] == "idempotency-key-reused"


def test_two_keys_may_use_the_same_idempotency_key(machine: Machine):
    actor, other = make_actor(), Machine("enforcement:propose")

    machine.post(body(actor.external_id), **{"Idempotency-Key": "1"})
    response = other.post(body(actor.external_id), **{"Idempotency-Key": "1"})

    assert response.status_code == 201


@pytest.mark.django_db(transaction=True)
def test_the_same_idempotency_key_twice_at_once_proposes_once():
    machine, actor = Machine("enforcement:propose"), make_actor()

    def send(_number: int) -> int:
        return machine.post(body(actor.external_id), **{"Idempotency-Key": "1"}).status_code

    statuses = outcomes_of(send, range(4))

    assert sorted(statuses) == [200, 200, 200, 201]
    assert EnforcementAction.objects.count() == 1


def test_a_key_without_the_scope_proposes_and_reads_nothing():
    machine = Machine("intake")
    actor = make_actor()

    assert machine.post(body(actor.external_id)).status_code == 403
    assert machine.get().status_code == 403


def test_a_key_whose_owner_lost_the_right_proposes_nothing():
    machine = Machine("enforcement:propose", owner=make_user(role="analyst"))

    assert machine.post(body(make_actor().external_id)).status_code == 403


def test_the_list_is_filtered_by_status_and_goes_on_by_cursor(machine: Machine):
    running = approve(propose())
    proposed = [propose() for _number in range(52)]

    first = machine.get("?status=proposed").json()
    second = machine.get(f"?status=proposed&cursor={first['next']}").json()

    assert [row["id"] for row in machine.get("?status=in_force").json()["results"]] == [running.pk]
    assert len(first["results"]) == 50
    assert {row["id"] for row in first["results"] + second["results"]} == {one.pk for one in proposed}
    assert second["next"] is None


@pytest.mark.parametrize("query", ["?status=lost", "?actor__standing=good", "?cursor=x", "?status=%00"])
def test_a_filter_that_makes_no_sense_is_named(machine: Machine, query: str):
    response = machine.get(query)

    assert response.status_code == 400
    assert query[1:].partition("=")[0] in response.json()["detail"]


def test_one_action_is_read_by_its_number(machine: Machine):
    enforcement = propose()

    assert machine.get(f"/{enforcement.pk}").json()["reason"] == enforcement.reason
    assert machine.get("/999999999").status_code == 404
    assert machine.get(f"/{2**70}").status_code == 404


def test_a_key_reads_and_proposes_in_its_own_namespace_only():
    Source.objects.create(slug="elsewhere", namespace="elsewhere", created_at="2026-01-01T00:00:00Z")
    machine = Machine("enforcement:read", "enforcement:propose", source="elsewhere")
    enforcement = propose()

    assert machine.get().json()["results"] == []
    assert machine.get(f"/{enforcement.pk}").status_code == 404
    assert machine.post(body(enforcement.actor.external_id)).status_code == 422


@pytest.mark.parametrize("rows", [2, 60])
def test_the_list_costs_the_same_however_long(machine: Machine, rows: int, django_assert_num_queries: Any):
    for _number in range(rows):
        propose()
    machine.get()

    with django_assert_num_queries(4):
        machine.get()
