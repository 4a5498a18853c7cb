"""POST /api/v1/actors/share and /api/v1/incidents/{id}/share: the files of the pages, for machines."""

import base64
import json
from typing import Any

import pytest
import stix2
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from incidents.actors.models import Actor
from incidents.sharing import queries
from tests.factories import make_actor, make_api_key, make_incident, make_source, make_user
from tests.sharing.made import BY_NAME, FORM, make_incident_of, make_set, secrets_of
from tests.sharing.test_pages import address as page_of, confirmed
from trust import clock
from trust.audit.models import AuditEvent

pytestmark = pytest.mark.django_db

ACTORS = "/api/v1/actors/share"
FILE_QUERIES = 16
NAMING = {"by_name": True, "reason": BY_NAME["reason"]}


class Machine:
    """A client that speaks with one key, of a lead unless said otherwise."""

    def __init__(self, *scopes: str, role: str = "lead", **fields: Any) -> None:
        fields.setdefault("owner", make_user(role=role))
        self.key, text = make_api_key(*(scopes or ("actors:share",)), **fields)
        self.headers = {"Authorization": f"Bearer {text}"}

    def share(self, of: Any, **fields: Any) -> Any:
        is_actor = isinstance(of, Actor)
        url = ACTORS if is_actor else f"/api/v1/incidents/{of.pk}/share"
        named = {"actor": {"kind": of.kind, "external_id": of.external_id}} if is_actor else {}
        body = {**FORM, **named, **fields}
        return Client().post(url, body, content_type="application/json", headers=self.headers)


def accounts_of(answer: Any) -> set[str]:
    bundle = stix2.parse(answer.content.decode(), allow_custom=False)
    return {one.user_id for one in bundle.objects if one.type == "user-account"}


def events() -> Any:
    return AuditEvent.objects.filter(kind__startswith="sharing").order_by("pk")


def test_a_key_gets_the_very_file_that_the_page_gives_and_the_audit_says_the_same_of_both(client, monkeypatch):
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    actors, machine = make_set(), Machine()
    client.force_login(machine.key.owner)

    by_page = client.post(page_of(actors[0]), confirmed(client, actors[0], FORM))
    by_api = machine.share(actors[0])

    assert (by_api.status_code, by_api.content) == (200, by_page.content)
    assert by_api["Content-Disposition"] == by_page["Content-Disposition"]
    assert len(accounts_of(by_api)) == 3
    of_page, of_api = events()
    assert (of_page.kind, of_page.data, of_page.by) == (of_api.kind, of_api.data, of_api.by)
    by_page, by_api = ({(one.subject_kind, one.subject_id) for one in of.subjects.all()} for of in (of_page, of_api))
    assert by_page == by_api == {("actors.actor", actor.pk) for actor in actors}
    assert (of_page.via_key, of_api.via_key) == (None, machine.key.pk)


@pytest.mark.parametrize("format", ["stix", "misp"])
def test_no_secret_leaves_unless_asked_for_and_the_digest_is_of_what_left(format):
    actors = make_set()
    incident = make_incident_of(actors)

    answer = Machine("actors:share", "actors:share-by-name").share(incident, format=format)

    text = json.dumps(answer.json(), ensure_ascii=False)
    assert [secret for secret in secrets_of(actors) if secret in text] == []
    event = events().get()
    digest = base64.b64encode(bytes.fromhex(event.data["sha256"])).decode()
    assert answer["Repr-Digest"] == f"sha-256=:{digest}:"
    assert (event.kind, event.data["bytes"]) == ("sharing.exported_incident", len(answer.content))
    assert answer["Trustdesk-Left-Out"] == "0"


def test_outside_ids_leave_by_a_scope_of_their_own_with_flag_and_reason():
    actors = make_set()

    answer = Machine("actors:share", "actors:share-by-name").share(actors[0], **NAMING)

    assert accounts_of(answer) == {actor.external_id for actor in actors[:3]}
    event = events().get()
    assert (event.kind, event.reason) == ("sharing.exported_by_name", NAMING["reason"])
    assert event.data["with_outside_ids"]


@pytest.mark.parametrize(
    ("scopes", "role"),
    [(("actors:share",), "lead"), (("actors:share", "actors:share-by-name"), "auditor")],
    ids=["without the scope", "whose owner may not"],
)
def test_a_key_that_may_not_name_gets_no_file_instead_of_another(scopes, role):
    answer = Machine(*scopes, role=role).share(make_set()[0], **NAMING)

    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
    assert "actors:share-by-name" in answer.json()["detail"]
    assert not events().exists()


@pytest.mark.parametrize(
    ("scope", "role", "status"),
    [
        ("actors:share", "lead", 200),
        ("actors:share", "auditor", 200),
        ("actors:share", "reviewer", 403),
        ("actors:share", "admin", 403),
        ("actors:share-by-name", "lead", 403),
        ("actors:read", "lead", 403),
        ("incidents:read", "lead", 403),
    ],
)
def test_a_key_shares_by_its_scope_as_far_as_its_owner_may(scope, role, status):
    actor = make_actor()
    incident = make_incident_of([actor])
    machine = Machine(scope, role=role)

    assert [machine.share(of).status_code for of in (actor, incident)] == [status, status]


def test_an_actor_is_shared_alone_when_asked_so():
    actors = make_set()

    assert len(accounts_of(Machine().share(actors[0], whom="alone"))) == 1


@pytest.mark.parametrize(
    ("fields", "path", "why"),
    [
        ({"format": "csv"}, "format", "csv"),
        ({"tlp": "amber+strict"}, "tlp", "amber"),
        ({"title": "All of eve@example.org"}, "title", "network address"),
        ({"title": "x" * 121}, "title", "120"),
        ({"by_name": True}, "reason", "20 characters"),
        ({"whom": "everyone"}, "whom", "everyone"),
        ({"actor": {"kind": "account", "external_id": "acct_nobody"}}, "actor", "no such actor"),
        ({"confirmed": "x"}, "confirmed", "no such field"),
    ],
)
def test_what_is_wrong_is_told_by_field(fields, path, why):
    answer = Machine("actors:share", "actors:share-by-name").share(make_actor(), **fields)

    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert list(answer.json()["errors"]) == [path]
    assert why in answer.json()["errors"][path][0]
    assert not events().exists()


def test_an_actor_of_another_namespace_is_not_there():
    make_source(slug="elsewhere", namespace="elsewhere")

    answer = Machine(source="elsewhere").share(make_actor())

    assert answer.json()["errors"] == {"actor": ["There is no such actor."]}


def test_an_incident_without_actors_makes_no_file_and_one_of_too_many_says_how_many_it_leaves_out(monkeypatch):
    monkeypatch.setattr(queries, "MOST_ACTORS", 2)
    machine = Machine()

    empty = machine.share(make_incident())
    full = machine.share(make_incident_of([make_actor() for _actor in range(5)]))

    assert (empty.status_code, empty.json()["type"]) == (409, "refused")
    assert (full["Trustdesk-Left-Out"], len(accounts_of(full))) == ("3", 2)


def test_a_file_takes_the_same_queries_however_many_it_is_of(django_assert_num_queries):
    few, many = (make_incident_of([make_actor() for _actor in range(n)]) for n in (2, 60))
    machine = Machine()
    machine.share(few)

    with django_assert_num_queries(FILE_QUERIES):
        machine.share(few)
    with django_assert_num_queries(FILE_QUERIES):
        machine.share(many)


def test_the_schema_describes_every_field_and_what_comes_back():
    schema = SchemaGenerator().get_schema(request=None, public=True)

    for path, model in ((ACTORS, "ActorShareIn"), ("/api/v1/incidents/{id}/share", "ShareIn")):
        operation = schema["paths"][path]["post"]
        assert operation["description"]
        assert {"200", "403", "409", "422", "503"} <= set(operation["responses"])
        assert {"Repr-Digest", "Trustdesk-Left-Out"} == set(operation["responses"]["200"]["headers"])
        fields = schema["components"]["schemas"][model]["properties"]
        assert {name for name, field in fields.items() if not field.get("description")} <= {"actor"}
