"""Who judges an item on their own learns nothing from notes: no text, no number, no name."""

import pytest
from django.utils import timezone

from incidents.queues.models import Round
from incidents.response.models import IncidentActor
from tests.factories import make_api_key, make_incident, make_incident_item, make_note, make_user
from tests.notes.stage import ask_second_opinion_of, held_by, subject_of, write
from trust.notes import operations, registry
from trust.notes.models import MentionToRead, Presence
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def second():
    return make_user(name="Bo Lind")


@pytest.fixture
def first():
    return make_user(name="Ana Ruiz")


@pytest.fixture
def item(first, second):
    return ask_second_opinion_of(second, first=first)


def page_of(client, person, item) -> str:
    client.force_login(person)
    return client.get(f"/notes/item/{item.pk}/", headers={"HX-Request": "true"}).content.decode()


def without_form(html: str) -> str:
    return html.partition("<form")[0]


def test_the_page_is_the_same_with_and_without_notes_of_others(client, first, second, item):
    empty = without_form(page_of(client, second, item))
    for number in range(60):
        make_note(item, by=first, text=f"Clearly benign {number}.")

    full = page_of(client, second, item)

    assert without_form(full) == empty
    assert "You judge this on your own" in full
    assert "benign" not in full
    assert "Ana Ruiz" not in full


def test_ones_own_notes_are_there(client, second, item):
    write(item, "The ladder does not help here.", by=second)

    assert "The ladder does not help here." in page_of(client, second, item)


def test_after_the_decision_and_for_others_everything_is_there(client, first, second, item):
    make_note(item, by=first, text="Clearly benign.")

    before = page_of(client, first, item)
    Round.objects.filter(lease_by=second).update(
        status="closed", closed_at=timezone.now(), closed_by=second, lease_by=None, lease_until=None
    )
    after = page_of(client, second, item)

    assert "Clearly benign." in before
    assert "Clearly benign." in after
    assert "Bo Lind" in after or "Ana Ruiz" in after


def test_in_a_first_round_notes_are_shown(client, second):
    item = held_by(second)
    make_note(item, text="Seen in March.")

    assert "Seen in March." in page_of(client, second, item)


def test_a_purpose_that_nobody_thought_of_keeps_them_back(client, second, item):
    Round.objects.filter(lease_by=second).update(purpose="blind")
    make_note(item, text="Clearly benign.")

    assert "Clearly benign." not in page_of(client, second, item)


def test_the_api_keeps_them_back_too(client, first, second, item):
    make_note(item, by=first, text="Clearly benign.")
    own = make_note(item, by=second, text="Hm.")
    _key, text = make_api_key("review", owner=second)

    answer = client.get(f"/api/v1/items/{item.pk}/notes", headers={"Authorization": f"Bearer {text}"}).json()

    assert [note["id"] for note in answer["results"]] == [own.pk]
    assert (answer["is_kept_back"], answer["next"]) == (True, None)


def test_a_mention_waits_until_the_decision(client, first, second, item):
    make_note(item, by=first, mentions=[second])
    client.force_login(second)

    for address in ("/", "/notes/"):
        assert "mentioned you" not in client.get(address).content.decode()
    page_of(client, second, item)

    assert MentionToRead.objects.filter(person=second).exists(), "it was read unseen"


def test_nor_does_my_work_say_that_there_are_many(client, first, second, item):
    for _note in range(11):
        make_note(item, by=first, mentions=[second])
    client.force_login(second)

    assert "Mentions of you" not in client.get("/").content.decode()


@pytest.mark.parametrize("through", ["item", "actor"])
def test_the_timeline_of_an_incident_does_not_tell_of_them(client, first, second, item, through):
    incident = make_incident(owner=second)
    if through == "item":
        make_incident_item(incident, item=item)
    else:
        IncidentActor.objects.create(incident=incident, actor=item.actor, added_by=second, added_at=timezone.now())
    operations.write(registry.subject("incident", incident.pk), text="Clearly benign.", by=make_user(role="lead"))
    write(item, "Clearly benign.", by=first)
    pages = f"/incidents/{incident.pk}/", f"/incidents/{incident.pk}/timeline/"

    for person, is_told in ((second, False), (make_user(role="lead"), True)):
        client.force_login(person)
        for address in pages:
            assert ("wrote note" in client.get(address).content.decode()) == is_told
        assert ("Clearly benign." in client.get(f"/notes/incident/{incident.pk}/").content.decode()) == is_told


@pytest.mark.parametrize("name", ["Ana Ruiz", "nobody"])
def test_whom_one_may_mention_would_tell_who_had_it(item, second, first, name):
    with pytest.raises(Refused, match="until you have judged this on your own"):
        write(item, f"@{name}?", by=second)


def test_nobody_is_seen_there_and_they_are_not_seen(first, second, item):
    subject = subject_of(item)
    lead = make_user(role="lead")

    operations.be_here(subject, by=lead)

    assert operations.be_here(subject, by=second) == []
    assert operations.be_here(subject, by=first) == [lead]
    assert not Presence.objects.filter(person=second).exists()
