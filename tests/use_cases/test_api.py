"""POST and GET /api/v1/use-cases."""

from typing import Any

import pytest
from django.test import Client

from incidents.actors.models import Actor
from incidents.use_cases.models import Application
from tests.factories import make_actor, make_api_key, make_source, make_user
from tests.use_cases.factories import NAME, make_application, make_approved
from trust.audit.models import AuditEvent

pytestmark = pytest.mark.django_db

URL = "/api/v1/use-cases"


class Machine:
    """A client that speaks with one key."""

    def __init__(self, *scopes: str, **fields: Any) -> None:
        self.key, text = make_api_key(*(scopes or ("use-cases:read", "use-cases:write")), **fields)
        self.headers = {"Authorization": f"Bearer {text}"}

    def post(self, body: Any, **headers: str) -> Any:
        return Client().post(URL, body, content_type="application/json", headers={**self.headers, **headers})

    def get(self, path: str = "") -> Any:
        return Client().get(f"{URL}{path}", headers=self.headers)


def body(external_id: str = "org_1", **fields: Any) -> dict[str, Any]:
    return {
        "actor": {"kind": "organisation", "external_id": external_id},
        "name": NAME,
        "description": "Pupils ask about their homework.",
        "expected_volume": 20_000,
        "stage": "pilot",
        **fields,
    }


def test_a_key_enters_an_application_as_its_owner_and_an_actor_that_is_new_is_made():
    machine = Machine()

    response = machine.post(body())

    application = Application.objects.get()
    answer = response.json()
    assert response.status_code == 201
    assert (answer["id"], answer["state"], answer["name"]) == (application.pk, "applied", NAME)
    assert answer["entered_by"] == machine.key.owner.pseudonym
    assert answer["actor"] == {"namespace": "default", "kind": "organisation", "external_id": "org_1"}
    assert (application.entered_by, application.via_key) == (machine.key.owner, machine.key.pk)
    assert AuditEvent.objects.about(application).get().via_key == machine.key.pk


def test_the_same_under_the_same_idempotency_key_is_answered_again_and_another_refused():
    machine, headers = Machine(), {"Idempotency-Key": "one"}

    first, second = machine.post(body(), **headers), machine.post(body(), **headers)
    other, without = machine.post(body(stage="limited"), **headers), machine.post(body())

    assert [answer.status_code for answer in (first, second, other, without)] == [201, 200, 422, 409]
    assert first.json() == second.json()
    assert without.json()["type"].endswith("use-case-waiting")
    assert Application.objects.count() == 1


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"actor": {"kind": "robot", "external_id": "x"}}, "actor.kind"),
        ({"actor": {"kind": "user", "external_id": "a\nb"}}, "actor.external_id"),
        ({"actor": {"kind": "user", "external_id": "x" * 201}}, "actor.external_id"),
        ({"actor": 7}, "actor"),
        ({"name": ""}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"description": ["x"]}, "description"),
        ({"expected_volume": 0}, "expected_volume"),
        ({"expected_volume": "many"}, "expected_volume"),
        ({"stage": "someday"}, "stage"),
        ({"contact": "x" * 301}, "contact"),
        ({"status": "approved"}, "status"),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_is_made(sent: dict[str, Any], field: str):
    answer = Machine().post({**body(), **sent})

    assert answer.status_code in {400, 422}
    assert field in answer.json()["errors"]
    assert not Actor.objects.exists()


def test_the_answer_does_not_tell_if_there_is_an_actor_that_the_owner_may_not_see():
    actor = make_actor(kind="organisation", external_id="org_1")

    answer = Machine(owner=make_user(role="reviewer")).post(body())

    assert answer.status_code == 201
    assert Application.objects.get().actor == actor


def test_scope_and_owner_both_have_to_allow_it():
    assert Machine("use-cases:read").post(body()).status_code == 403
    assert Machine("enforcement:propose").post(body()).status_code == 403
    assert Machine("use-cases:write").get().status_code == 403
    assert Machine(owner=make_user(role="analyst")).post(body()).status_code == 403
    assert not Application.objects.exists()


def test_the_list_is_of_the_namespace_newest_first_and_by_state():
    waiting, approved = make_application(), make_approved(name="chat")
    make_source(slug="elsewhere", namespace="elsewhere")
    machine = Machine()

    results = machine.get().json()["results"]
    in_force = machine.get("?state=in_force").json()["results"]

    assert [one["id"] for one in results] == [waiting.pk, approved.pk]
    assert [one["id"] for one in in_force] == [approved.pk]
    assert [one["id"] for one in machine.get("?name=tutoring").json()["results"]] == [waiting.pk]
    assert in_force[0]["decided_by"].startswith("R-")
    assert machine.get(f"/{approved.pk}").json() == in_force[0]
    assert Machine(source="elsewhere").get().json()["results"] == []
    assert Machine(source="elsewhere").get(f"/{approved.pk}").status_code == 404


@pytest.mark.parametrize("query", ["?state=never", "?stage=x", "?cursor=x", "?colour=red", "?name=%00"])
def test_what_cannot_be_asked_is_named(query: str):
    assert Machine().get(query).status_code == 400


@pytest.mark.parametrize("rows", [2, 60])
def test_the_list_costs_the_same_however_long(rows: int, django_assert_max_num_queries: Any):
    for _number in range(rows):
        make_application()
    machine = Machine()

    with django_assert_max_num_queries(6):
        page = machine.get().json()
    assert len(page["results"]) == min(rows, 50)
    assert (page["next"] is not None) == (rows > 50)
