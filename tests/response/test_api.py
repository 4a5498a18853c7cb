"""``/api/v1/incidents``: what a machine reads."""

import pytest

from tests.factories import NOW, make_api_key, make_incident, make_incident_item, make_user

pytestmark = pytest.mark.django_db


def ask(client, path, *scopes, **fields):
    _key, text = make_api_key(*scopes, **fields)
    return client.get(f"/api/v1/incidents{path}", headers={"Authorization": f"Bearer {text}"})


def test_incidents_come_newest_first_page_by_page_under_pseudonyms(client):
    for _number in range(60):
        last = make_incident()

    first = ask(client, "", "incidents:read").json()
    second = ask(client, f"?cursor={first['next']}", "incidents:read").json()

    ids = [row["id"] for row in first["results"] + second["results"]]
    assert ids == sorted(ids, reverse=True)
    assert (len(first["results"]), len(second["results"]), second["next"]) == (50, 10, None)
    assert first["results"][0]["owner"] == last.owner.pseudonym
    assert last.owner.email not in str(first)


def test_they_are_narrowed_by_status_and_severity(client):
    make_incident(severity=1)
    wanted = make_incident(severity=3, status="contained", contained_at=NOW)

    rows = ask(client, "?status=contained&severity=3", "incidents:read").json()["results"]

    assert [row["id"] for row in rows] == [wanted.pk]


def test_one_incident_tells_how_much_is_linked(client):
    incident = make_incident()
    make_incident_item(incident)

    answer = ask(client, f"/{incident.pk}", "incidents:read").json()

    assert answer["counts"] == {"items": 1, "actors": 0, "enforcement": 0}
    assert (answer["status"], answer["detected_at"]) == ("open", "2026-11-02T09:00:00Z")


def test_a_key_reads_what_its_owner_may(client):
    make_incident()
    reviewer = make_user(role="reviewer")

    assert ask(client, "", "incidents:read", owner=reviewer).json()["results"] == []
    assert ask(client, "", "incidents:read", owner=make_user(role="admin")).status_code == 403


@pytest.mark.parametrize("path", ["", "/1"])
def test_another_scope_does_not_do(client, path):
    assert ask(client, path, "queues:read").status_code == 403


@pytest.mark.parametrize(
    ("path", "status"), [("?colour=red", 400), ("?cursor=x", 400), (f"/{2**70}", 404), ("/7", 404)]
)
def test_questions_that_make_no_sense_get_a_clear_answer(client, path, status):
    response = ask(client, path, "incidents:read")

    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
