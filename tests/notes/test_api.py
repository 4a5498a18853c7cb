import pytest

from incidents.intake.models import Restriction
from tests.factories import NOW, make_api_key, make_item, make_note, make_round, make_user, make_withdrawal
from tests.notes.stage import held_by
from trust.audit.models import AuditEvent
from trust.notes.models import Note

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    return make_user(role="lead", name="Lena Brandt")


@pytest.fixture
def key(lead):
    key, text = make_api_key("review", owner=lead)
    return {"Authorization": f"Bearer {text}"}, key


def send(client, item, body, headers):
    address = f"/api/v1/items/{item.pk}/notes"
    return client.post(address, body, content_type="application/json", headers=headers)


def test_a_note_is_written_under_the_owners_pseudonym(client, lead, key):
    headers, made = key
    reviewer = make_user(name="Ana Ruiz")
    item = held_by(reviewer)

    answer = send(client, item, {"text": "Please look again, @Ana Ruiz."}, headers)

    note = Note.objects.get()
    assert answer.status_code == 201
    assert answer.json() | {"at": None} == {
        "id": note.pk,
        "at": None,
        "by": lead.pseudonym,
        "text": "Please look again, @Ana Ruiz.",
        "mentions": [reviewer.pseudonym],
        "amends": None,
        "taken_back_at": None,
    }
    assert AuditEvent.objects.about(note).get().via_key == made.pk


def test_the_same_idempotency_key_is_the_same_note(client, key):
    item = make_item()
    headers = key[0] | {"Idempotency-Key": "n-1"}

    answers = [send(client, item, {"text": "Once."}, headers) for _time in range(2)]

    assert [answer.status_code for answer in answers] == [201, 200]
    assert send(client, item, {"text": "Other."}, headers).status_code == 409
    assert Note.objects.count() == 1


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": "x" * 2001}, {"text": "@nobody"}, {"text": "a", "by": 1}])
def test_what_is_wrong_is_said_by_field(client, key, body):
    answer = send(client, make_item(), body, key[0])

    assert answer.status_code == 422
    assert set(answer.json()["errors"]) <= {"text", "by"}
    assert not Note.objects.exists()


def test_by_review_a_reviewer_reads_what_they_hold_and_nothing_else(client):
    reviewer = make_user()
    headers = {"Authorization": f"Bearer {make_api_key('review', owner=reviewer)[1]}"}
    held, other = held_by(reviewer), make_item()
    shown = make_note(held, text="Seen in March.")
    gone = make_withdrawal(make_note(held, text="Wrong words.", mentions=[reviewer])).note
    make_note(other)

    answer = client.get(f"/api/v1/items/{held.pk}/notes", headers=headers).json()

    assert [(note["id"], note["text"]) for note in answer["results"]] == [(gone.pk, None), (shown.pk, "Seen in March.")]
    assert answer["results"][0]["taken_back_at"]
    assert answer["results"][0]["mentions"] == []
    assert client.get(f"/api/v1/items/{other.pk}/notes", headers=headers).status_code == 404
    assert client.head(f"/api/v1/items/{held.pk}/notes", headers=headers).status_code == 200


def test_what_became_restricted_is_closed_to_who_decided_it_without_a_clearance(client):
    reviewer = make_user()
    headers = {"Authorization": f"Bearer {make_api_key('review', owner=reviewer)[1]}"}
    item = make_round(status="closed", closed_at=NOW, closed_by=reviewer).item
    make_note(item, text="Seen in March.")
    address = f"/api/v1/items/{item.pk}/notes"
    assert client.get(address, headers=headers).status_code == 200

    Restriction.objects.create(generation=item.generation, category="child_safety", created_at=NOW)

    assert client.get(address, headers=headers).status_code == 404
