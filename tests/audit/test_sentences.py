"""An audit event reads as a sentence, and tells nobody more than they may see."""

import re

import pytest
from django.conf import settings

from tests.factories import make_actor, make_incident, make_user
from trust.audit import queries, sentences
from trust.audit.models import AuditEvent
from trust.audit.operations import record

pytestmark = pytest.mark.django_db


def entry_of(event, reader, **options):
    return queries.entries(AuditEvent.objects.filter(pk=event.pk).for_page(), reader=reader, **options)[0]


def test_a_registered_kind_reads_as_its_sentence_with_links():
    lead, incident = make_user(role="lead", name="Ana Ruiz"), make_incident()

    entry = entry_of(record("incident.contained", on=[incident], by=lead), lead)

    assert entry.sentence == f"Ana Ruiz marked incident {incident.pk} contained"
    assert [link.url for link in entry.links] == [incident.get_absolute_url()]


def test_an_unknown_kind_still_reads():
    actor, reader = make_actor(), make_user(role="auditor")

    entry = entry_of(record("actor.looked_at", on=[actor], by=None), reader)

    assert entry.sentence.startswith("The system: actor looked at (")


def test_many_subjects_are_counted_and_people_named():
    many = [("response.incident", number) for number in range(1, 6)]

    sentence = sentences.sentence(
        "incident.reassigned", by="Ana", subjects=[*many, ("accounts.user", 7)], names={7: "Bo Lind"}
    )

    assert sentence == "Ana gave 5 incidents to Bo Lind"


def test_a_link_that_the_reader_may_not_follow_is_absent():
    incident, admin = make_incident(), make_user(role="admin")

    assert entry_of(record("incident.contained", on=[incident], by=None), admin).links == []


@pytest.mark.parametrize(("role", "is_open"), [("auditor", True), ("admin", False), ("lead", False)])
def test_the_payload_is_for_auditors_and_for_who_did_it(role, is_open):
    doer = make_user(role="lead")
    event = record("incident.edited", on=[make_incident()], by=doer, reason="Typo.", data={"fields": ["title"]})

    other, own = entry_of(event, make_user(role=role)), entry_of(event, doer)

    assert (bool(other.reason), bool(other.data)) == (is_open, is_open)
    assert (own.reason, own.data) == ("Typo.", {"fields": ["title"]})


def test_a_hidden_subject_is_left_unsaid():
    incident, actor = make_incident(), make_actor()
    event = record("incident.actors_added", on=[incident, actor], by=None)

    entry = entry_of(event, make_user(role="lead"), hidden=frozenset({("actors.actor", actor.pk)}))

    assert entry.sentence == f"The system added … to incident {incident.pk}"


def test_reasons_of_open_kinds_are_for_every_reader():
    event = record("incident.contained", on=[make_incident()], by=make_user(role="lead"), reason="It stopped.")

    reader = make_user(role="policy_editor")

    assert entry_of(event, reader).reason == ""
    assert entry_of(event, reader, open_kinds=("incident.",)).reason == "It stopped."


def test_every_kind_that_is_recorded_anywhere_has_a_sentence():
    recorded = set()
    for room in ("trust", "policies", "incidents"):
        for path in (settings.BASE_DIR / room).rglob("*.py"):
            for call in re.findall(r"\brecord\(([^,]*),", path.read_text()):
                recorded |= set(re.findall(r'"([a-z_]+\.[a-z_]+)"', call))

    assert len(recorded) > 40
    assert recorded - set(sentences.kinds()) == set()
