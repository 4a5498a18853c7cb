from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tests.factories import make_item, make_user
from tests.notes.stage import held_by, subject_of
from trust import clock
from trust.audit.models import AuditEvent
from trust.notes import operations, queries
from trust.notes.models import Presence

pytestmark = pytest.mark.django_db


@pytest.fixture
def mara():
    return make_user(role="lead", name="Mara Lind")


def test_each_learns_of_the_other_while_both_are_there(mara):
    bo = make_user(name="Bo Okafor")
    subject = subject_of(held_by(bo))

    assert operations.be_here(subject, by=bo) == []
    assert operations.be_here(subject, by=mara) == [bo]
    assert operations.be_here(subject, by=bo) == [mara]

    operations.leave(subject, by=mara)
    assert operations.be_here(subject, by=bo) == []


def test_who_shows_no_sign_of_life_is_gone(mara):
    subject, now = subject_of(make_item()), timezone.now()
    with clock.at(now - queries.HERE_FOR - timedelta(seconds=1)):
        operations.be_here(subject, by=mara)

    assert operations.be_here(subject, by=make_user(role="lead")) == []


def test_a_person_is_in_one_place(mara):
    here, there = subject_of(make_item()), subject_of(make_item())
    operations.be_here(here, by=mara)

    operations.be_here(there, by=mara)
    operations.leave(here, by=mara)

    assert Presence.objects.get(person=mara).subject_id == there.pk


def test_it_is_stored_cheaply_and_recorded_nowhere(mara):
    operations.be_here(subject_of(make_item()), by=mara)

    with connection.cursor() as cursor:
        cursor.execute("select relpersistence from pg_class where relname = 'notes_presence'")
        assert cursor.fetchone() == ("u",)
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ([], ""),
        (["Mara Lind"], "Mara Lind is looking at this too."),
        (["Mara Lind", "<b>Bo</b>"], "<b>Bo</b> and Mara Lind are looking at this too."),
        (["Ada", "Bo", "Cleo"], "Ada, Bo and Cleo are looking at this too."),
    ],
)
def test_the_page_is_told_in_a_sentence_of_plain_text(client, names, sentence):
    item = make_item()
    for name in names:
        operations.be_here(subject_of(item), by=make_user(role="lead", name=name))
    client.force_login(make_user(role="lead"))

    answer = client.post(f"/notes/item/{item.pk}/here/")

    assert (answer.content.decode(), answer["Content-Type"]) == (sentence, "text/plain; charset=utf-8")


def test_the_same_number_of_queries_however_many_are_there(client, django_assert_num_queries):
    item, lead = make_item(), make_user(role="lead")
    client.force_login(lead)
    client.post(f"/notes/item/{item.pk}/here/")
    for many in (2, 60):
        for _person in range(many):
            operations.be_here(subject_of(item), by=make_user(role="lead"))
        with django_assert_num_queries(6):
            client.post(f"/notes/item/{item.pk}/here/")


def test_the_beacon_of_a_page_that_was_left_ends_it(client, mara):
    item = make_item()
    client.force_login(mara)
    client.post(f"/notes/item/{item.pk}/here/")

    assert client.post(f"/notes/item/{item.pk}/gone/").status_code == 204

    assert not Presence.objects.exists()
