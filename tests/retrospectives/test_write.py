"""Starting a retrospective, writing its sections, noting what is to be done."""

from datetime import timedelta

import pytest

from incidents.response.models import Incident
from incidents.retrospectives import operations
from incidents.retrospectives.models import ActionItem, Retrospective, Section
from tests.factories import NOW, make_incident, make_retrospective, make_user
from trust import clock
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db

TODAY = NOW.date()


@pytest.fixture(autouse=True)
def now():
    with clock.at(NOW):
        yield


def kinds_about(subject):
    return list(AuditEvent.objects.about(subject).order_by("pk").values_list("kind", flat=True))


def test_it_starts_with_every_section_empty_and_is_recorded():
    incident = make_incident(title="Review mill wave")

    retrospective = operations.create_retrospective(incident, by=incident.owner)

    assert (retrospective.title, retrospective.status, retrospective.version) == ("Review mill wave", "draft", 1)
    assert {section.key: section.text for section in retrospective.sections.all()} == dict.fromkeys(Section.Key, "")
    assert AuditEvent.objects.about(retrospective, incident).get().kind == "retrospective.created"


def test_an_incident_has_one():
    incident = make_retrospective().incident

    with pytest.raises(Refused, match="has a retrospective already"):
        operations.create_retrospective(incident, by=incident.owner)

    assert Retrospective.objects.count() == 1


@pytest.mark.parametrize("role", ["analyst", "auditor", "admin", "reviewer"])
def test_only_who_may_change_the_incident_starts_and_writes(role):
    person, retrospective = make_user(role=role), make_retrospective()

    with pytest.raises(Refused, match="that you may change"):
        operations.create_retrospective(make_incident(), by=person)
    with pytest.raises(Refused, match="that you may change"):
        operations.write_section(retrospective, key="lessons", text="x", version=1, by=person)

    assert not AuditEvent.objects.exists()


def test_a_written_section_raises_its_version_and_that_of_the_whole():
    retrospective = make_retrospective(text="")
    by = retrospective.created_by

    section = operations.write_section(retrospective, key="lessons", text=" Act sooner. ", version=1, by=by)

    retrospective.refresh_from_db()
    assert (section.text, section.version, retrospective.version) == ("Act sooner.", 2, 2)
    event = AuditEvent.objects.about(retrospective).get()
    assert (event.kind, event.data) == ("retrospective.written", {"section": "lessons", "version": 2})


def test_saving_the_same_text_changes_nothing():
    retrospective = make_retrospective(text="As it was.")

    operations.write_section(retrospective, key="lessons", text="As it was.", version=1, by=retrospective.created_by)

    retrospective.refresh_from_db()
    assert retrospective.version == 1
    assert not AuditEvent.objects.exists()


def test_two_writers_do_not_overwrite_each_other():
    retrospective, other = make_retrospective(text=""), make_user(role="lead")
    operations.write_section(retrospective, key="lessons", text="Mine.", version=1, by=other)

    with pytest.raises(Refused, match="changed “Lessons” while you wrote") as refusal:
        operations.write_section(retrospective, key="lessons", text="x", version=1, by=retrospective.created_by)

    assert refusal.value.code == "stale"
    assert retrospective.sections.get(key="lessons").text == "Mine."


def test_two_writers_of_two_sections_do_not_meet():
    retrospective = make_retrospective(text="")
    by = retrospective.created_by

    operations.write_section(retrospective, key="lessons", text="Mine.", version=1, by=by)
    operations.write_section(retrospective, key="how_noticed", text="Theirs.", version=1, by=make_user(role="lead"))

    assert set(retrospective.sections.values_list("text", flat=True)) == {"", "Mine.", "Theirs."}


@pytest.mark.parametrize("text", ["a" * 20_001, "a\0b"])
def test_a_text_that_cannot_be_kept_is_refused(text):
    retrospective = make_retrospective()

    with pytest.raises(Refused, match="at most 20000"):
        operations.write_section(retrospective, key="lessons", text=text, version=1, by=retrospective.created_by)


def test_an_action_item_is_added_done_and_removed_with_a_trace():
    retrospective, owner = make_retrospective(), make_user(role="policy_editor")
    by = retrospective.created_by

    item = operations.add_action_item(
        retrospective, text="Write a clause.", owner=owner, check_back_on=TODAY + timedelta(days=30), by=by
    )
    operations.finish_action_item(item, by=owner)
    operations.remove_action_item(item, by=by)

    assert kinds_about(retrospective) == [
        "retrospective.action_added",
        "retrospective.action_done",
        "retrospective.action_removed",
    ]
    retrospective.refresh_from_db()
    assert retrospective.version == 3
    assert not ActionItem.objects.exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"text": " "}, "what is to be done"),
        ({"check_back_on": TODAY - timedelta(days=1)}, "may not lie in the past"),
    ],
)
def test_an_action_item_without_words_or_with_a_day_gone_by_is_refused(changes, sentence):
    retrospective = make_retrospective()
    values = {"text": "Write.", "owner": make_user(), "check_back_on": TODAY, "by": retrospective.created_by}

    with pytest.raises(Refused, match=sentence):
        operations.add_action_item(retrospective, **{**values, **changes})

    assert not ActionItem.objects.exists()


def test_an_action_item_is_not_given_to_somebody_who_left():
    retrospective, gone = make_retrospective(), make_user(is_active=False)

    with pytest.raises(Refused, match="no longer active"):
        operations.add_action_item(
            retrospective, text="Write.", owner=gone, check_back_on=TODAY, by=retrospective.created_by
        )


def test_an_action_item_is_done_once_and_by_its_owner_or_an_editor():
    retrospective, owner = make_retrospective(), make_user(role="reviewer")
    item = operations.add_action_item(
        retrospective, text="Write.", owner=owner, check_back_on=TODAY, by=retrospective.created_by
    )

    with pytest.raises(Refused, match="may mark this done"):
        operations.finish_action_item(item, by=make_user(role="reviewer"))
    operations.finish_action_item(item, by=owner)
    with pytest.raises(Refused, match="done already"):
        operations.finish_action_item(item, by=owner)


def test_it_is_seen_by_those_who_see_its_incident():
    retrospective, reviewer = make_retrospective(), make_user(role="reviewer")

    assert not Retrospective.objects.visible_to(reviewer).exists()
    Incident.objects.update(owner=reviewer)
    assert Retrospective.objects.visible_to(reviewer).get() == retrospective
