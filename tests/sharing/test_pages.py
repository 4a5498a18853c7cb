"""The pages of sharing: first the form, then what would leave, then the file."""

import json

import pytest

from incidents.actors.models import Actor
from tests.factories import NOW, make_actor, make_generation, make_item, make_user
from tests.harness.browser import Visitor
from tests.linking.test_web import share
from tests.sharing.made import BY_NAME, FORM, HOSTILE, make_incident_of, make_set, secrets_of
from trust.audit.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(client):
    person = make_user(role="lead")
    client.force_login(person)
    return person


def address(of) -> str:
    return f"/actors/{of.pk}/share/" if isinstance(of, Actor) else f"/incidents/{of.pk}/share/"


def confirmed(client, of, sent) -> dict[str, str]:
    context = client.post(address(of), sent).context
    return {**sent, "confirmed": context["digest"]}


def test_what_would_leave_is_seen_first_and_nothing_leaves_by_looking(client, lead):
    actors = make_set()

    page = client.post(address(actors[0]), FORM).content.decode()

    assert "whole days" in page
    assert "mallory" not in page
    assert not AuditEvent.objects.filter(kind__startswith="sharing").exists()


def test_a_file_is_what_was_shown_and_once_more_is_linked_it_is_shown_again(client, lead):
    actors = make_set()
    sent = confirmed(client, actors[0], FORM)

    file = client.post(address(actors[0]), sent)
    share(actors[0], make_actor(), kind="device", value="new")
    again = client.post(address(actors[0]), sent)

    assert file["Content-Disposition"].startswith('attachment; filename="trustdesk-actors-')
    assert len([one for one in json.loads(file.content)["objects"] if one["type"] == "user-account"]) == 3
    assert "text/html" in again["Content-Type"]
    assert AuditEvent.objects.filter(kind="sharing.exported").count() == 1


def test_what_was_learnt_since_it_was_shown_is_shown_before_it_leaves(client, lead):
    actors = make_set()
    sent = confirmed(client, actors[0], FORM)
    generation = make_generation(actor=actors[0])
    make_item(generation=generation, status="closed", verdict="violating", severity=4, closed_at=NOW)

    answer = client.post(address(actors[0]), sent)

    assert "text/html" in answer["Content-Type"]
    assert not AuditEvent.objects.filter(kind__startswith="sharing").exists()


@pytest.mark.parametrize("title", ["Perpetua's ring", "Found by QUILL"])
def test_no_part_of_a_colleagues_name_stands_in_a_title(client, lead, title):
    actors = make_set()

    answer = client.post(address(actors[0]), {**FORM, "title": title})

    assert answer.status_code == 422
    assert "Names of your colleagues" in answer.content.decode()


@pytest.mark.parametrize("format", ["stix", "misp"])
def test_an_auditor_gets_pseudonyms_whatever_is_sent(client, format):
    actors = make_set()
    incident = make_incident_of(actors)
    client.force_login(make_user(role="auditor"))
    sent = {**FORM, **BY_NAME, "format": format}

    body = client.post(address(incident), confirmed(client, incident, sent)).content.decode()

    assert json.loads(body)
    assert [secret for secret in secrets_of(actors) if secret in body] == []


def test_a_lead_is_asked_why_and_then_ids_leave(client, lead):
    actor = make_actor(external_id=HOSTILE)

    refused = client.post(address(actor), {**FORM, "by_name": "on"})
    preview = client.post(address(actor), {**FORM, **BY_NAME}).content.decode()
    file = client.post(address(actor), confirmed(client, actor, {**FORM, **BY_NAME}))

    assert refused.status_code == 422
    assert list(refused.context["form"].errors) == ["reason"]
    assert "<script>" not in preview
    assert "can name each account" in preview
    assert json.dumps(HOSTILE) in file.content.decode()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"format": "pdf"}, "format"),
        ({"tlp": "white"}, "tlp"),
        ({"title": ""}, "title"),
        ({"title": "x" * 200}, "title"),
        ({"title": "Behind 203.0.113.7"}, "title"),
        ({"by_name": "on", "reason": "x" * 400}, "reason"),
        ({"confirmed": "x" * 100}, "confirmed"),
    ],
)
def test_what_makes_no_sense_is_named_beside_its_field(client, lead, wrong, field):
    answer = client.post(address(make_actor()), {**FORM, **wrong})

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]


def test_an_incident_without_actors_has_nothing_to_share(client, lead):
    assert "Nobody to share" in client.get(address(make_incident_of([]))).content.decode()


@pytest.mark.parametrize("count", [2, 60])
def test_a_preview_costs_the_same_with_2_actors_and_with_60(client, lead, django_assert_num_queries, count):
    actors = [make_actor() for _actor in range(count)]
    share(*actors[:10])
    incident = make_incident_of(actors)

    with django_assert_num_queries(13):
        client.post(address(incident), FORM)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_lead_shares_a_ring_by_keyboard(visitor: Visitor):
    actors = make_set()
    page = visitor.open(f"/actors/{actors[0].pk}/links/", by=make_user(role="lead"))

    page.keyboard.press("d")
    page.wait_for_url("**/share/")
    assert visitor.faults_in_every_dress(page) == []
    page.keyboard.press("s")
    page.wait_for_selector("h1:has-text('What would leave')")
    assert visitor.faults_in_every_dress(page) == []
    with page.expect_download() as started:
        page.keyboard.press("d")

    with started.value.path().open() as file:
        assert json.load(file)["type"] == "bundle"
