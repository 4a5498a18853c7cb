"""Two people sign; then nothing changes any more, whoever tries."""

import threading

import pytest
from django.db import DatabaseError, connection, connections, transaction

from incidents.retrospectives import operations
from incidents.retrospectives.models import Retrospective, SignOff
from tests.factories import NOW, make_incident, make_incident_item, make_retrospective, make_user
from trust import clock
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


def signed_retrospective():
    retrospective = make_retrospective()
    with clock.at(NOW):
        operations.add_action_item(
            retrospective,
            text="Write a clause.",
            owner=make_user(),
            check_back_on=NOW.date(),
            by=retrospective.created_by,
        )
        for _person in range(2):
            operations.sign_off(retrospective, version=2, by=make_user(role="lead"))
    retrospective.refresh_from_db()
    return retrospective


def test_the_second_signature_freezes_the_facts():
    retrospective = make_retrospective()
    make_incident_item(retrospective.incident)
    lead, approver = make_user(role="lead"), make_user(role="policy_approver")

    operations.sign_off(retrospective, version=1, by=lead)
    retrospective.refresh_from_db()
    after_one = (retrospective.status, retrospective.facts)
    operations.sign_off(retrospective, version=1, by=approver)

    retrospective.refresh_from_db()
    assert after_one == ("draft", None)
    assert retrospective.status == "signed"
    assert retrospective.facts["values"]["items"] == 1
    kinds = AuditEvent.objects.about(retrospective).order_by("pk").values_list("kind", "by")
    assert list(kinds) == [
        ("retrospective.signed", lead.pk),
        ("retrospective.signed", approver.pk),
        ("retrospective.frozen", None),
    ]


def test_what_comes_later_does_not_change_frozen_facts():
    retrospective = signed_retrospective()

    make_incident_item(retrospective.incident)

    retrospective.refresh_from_db()
    assert retrospective.facts["values"]["items"] == 0


@pytest.mark.parametrize("role", ["reviewer", "policy_editor", "analyst", "auditor", "admin"])
def test_other_roles_do_not_sign(role):
    with pytest.raises(Refused, match="Only a lead or a policy approver"):
        operations.sign_off(make_retrospective(), version=1, by=make_user(role=role))


def test_the_same_person_does_not_sign_twice():
    retrospective, lead = make_retrospective(), make_user(role="lead")
    operations.sign_off(retrospective, version=1, by=lead)

    with pytest.raises(Refused, match="someone else must sign"):
        operations.sign_off(retrospective, version=1, by=lead)

    assert SignOff.objects.count() == 1


@pytest.mark.parametrize("key", ["what_happened", "lessons"])
def test_an_empty_section_blocks_and_is_named(key):
    retrospective = make_retrospective()
    section = retrospective.sections.get(key=key)
    section.text = " \n"
    section.save()

    with pytest.raises(Refused, match=f"“{section.get_key_display()}” is empty"):
        operations.sign_off(retrospective, version=1, by=make_user(role="lead"))

    assert not SignOff.objects.exists()
    assert not AuditEvent.objects.exists()


def test_an_open_incident_blocks():
    retrospective = make_retrospective(incident=make_incident())

    with pytest.raises(Refused, match="still open"):
        operations.sign_off(retrospective, version=1, by=make_user(role="lead"))


def test_a_change_after_the_first_signature_takes_it_out_of_force():
    retrospective, first, second = make_retrospective(), make_user(role="lead"), make_user(role="lead")
    operations.sign_off(retrospective, version=1, by=first)
    operations.write_section(retrospective, key="lessons", text="More.", version=1, by=second)

    with pytest.raises(Refused, match="changed after you opened it"):
        operations.sign_off(retrospective, version=1, by=second)
    operations.sign_off(retrospective, version=2, by=second)

    retrospective.refresh_from_db()
    assert retrospective.status == "draft"
    operations.sign_off(retrospective, version=2, by=first)
    retrospective.refresh_from_db()
    assert retrospective.status == "signed"


def test_a_signed_one_takes_no_words_and_no_third_signature():
    retrospective, lead = signed_retrospective(), make_user(role="lead")

    with pytest.raises(Refused, match="Two people have signed this already"):
        operations.sign_off(retrospective, version=2, by=lead)
    with pytest.raises(Refused, match="does not change any more"):
        operations.write_section(retrospective, key="lessons", text="x", version=1, by=lead)


def test_an_action_item_gets_done_after_sign_off():
    item = signed_retrospective().action_items.get()

    operations.finish_action_item(item, by=item.owner)

    item.refresh_from_db()
    assert item.done_by == item.owner


@pytest.mark.parametrize(
    "statement",
    [
        "update retrospectives_retrospective set title = 'x'",
        "update retrospectives_retrospective set facts = '{}'",
        "update retrospectives_retrospective set status = 'draft', signed_at = null, facts = null",
        "delete from retrospectives_retrospective",
        "update retrospectives_section set text = 'x'",
        "delete from retrospectives_section",
        "update retrospectives_actionitem set text = 'x'",
        "delete from retrospectives_actionitem",
        "update retrospectives_signoff set by_id = by_id",
        "delete from retrospectives_signoff",
        "truncate retrospectives_section",
        "update retrospectives_section set retrospective_id = retrospective_id",
    ],
)
def test_the_application_role_changes_nothing_that_is_signed(statement):
    retrospective = signed_retrospective()
    before = Retrospective.objects.values().get()

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert Retrospective.objects.values().get() == before
    assert retrospective.sections.count() == 6


def test_the_database_takes_no_retrospective_signed_by_fewer_than_two():
    retrospective, lead = make_retrospective(), make_user(role="lead")
    operations.sign_off(retrospective, version=1, by=lead)

    with pytest.raises(DatabaseError, match="two people sign"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("update retrospectives_retrospective set status = 'signed', signed_at = now(), facts = '{}'")


# ── At once ──────────────────────────────────────────────


def at_once(*acts):
    """Run each act in a thread with a connection of its own, all let go together; return what they raised or None."""
    barrier, outcomes = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place, act):
        try:
            with connection.cursor() as cursor:
                cursor.execute("select 1")
            barrier.wait(10)
            act()
        except Refused as refusal:
            outcomes[place] = refusal.sentence
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_two_people_signing_at_once_freeze_it_once():
    retrospective, leads = make_retrospective(), [make_user(role="lead"), make_user(role="lead")]

    outcomes = at_once(*[lambda lead=lead: operations.sign_off(retrospective, version=1, by=lead) for lead in leads])

    retrospective.refresh_from_db()
    assert outcomes == [None, None]
    assert retrospective.status == "signed"
    assert AuditEvent.objects.filter(kind="retrospective.frozen").count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_person_signing_twice_at_once_signs_once():
    retrospective, lead = make_retrospective(), make_user(role="lead")

    outcomes = at_once(*[lambda: operations.sign_off(retrospective, version=1, by=lead)] * 2)

    assert sorted(map(bool, outcomes)) == [False, True]
    assert SignOff.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_signature_and_a_change_at_once_never_sign_what_was_not_read():
    retrospective, first, second = make_retrospective(), make_user(role="lead"), make_user(role="lead")
    operations.sign_off(retrospective, version=1, by=first)

    at_once(
        lambda: operations.sign_off(retrospective, version=1, by=second),
        lambda: operations.write_section(retrospective, key="lessons", text="New.", version=1, by=first),
    )

    retrospective.refresh_from_db()
    has_new_text = retrospective.sections.filter(text="New.").exists()
    assert has_new_text == (retrospective.status == "draft")
