"""``verify_audit`` finds acts without an event, events without an act, and a record that could be edited."""

from io import StringIO

import psycopg
import pytest
from django.core.management import call_command

from tests.factories import make_actor, make_user
from tests.harness import database
from trust.audit import obligations, verification
from trust.audit.operations import record
from trust.embedded import postgres

pytestmark = pytest.mark.django_db


@pytest.fixture
def owed(monkeypatch):
    """Let nothing owe an event but actors, which owe ``actor.seen``."""
    monkeypatch.setattr(obligations, "_rows", [])
    obligations.register("actors.actor", kind="actor.seen")


def test_a_complete_audit_passes(owed):
    record("actor.seen", on=[make_actor()], by=None)
    out = StringIO()

    call_command("verify_audit", stdout=out)

    assert "complete: 1 events" in out.getvalue()


def test_a_row_without_its_event_fails_and_is_named(owed):
    actor, err = make_actor(), StringIO()

    with pytest.raises(SystemExit) as stop:
        call_command("verify_audit", stderr=err)

    assert stop.value.code == 1
    assert err.getvalue().strip() == f"No event actor.seen names actors.actor {actor.pk}."


def test_a_row_with_two_events_fails(owed):
    actor = make_actor()
    record("actor.seen", on=[actor], by=None)
    record("actor.seen", on=[actor], by=None)

    assert list(verification.faults()) == [f"More than one event actor.seen names actors.actor {actor.pk}."]


def test_an_event_without_its_row_fails(owed):
    actor = make_actor()
    record("actor.seen", on=[actor], by=None)
    make_user()
    missing, actor.pk = actor.pk, actor.pk + 1_000
    record("actor.seen", on=[actor], by=None)

    faults = list(verification.faults())

    assert faults == [f"Events actor.seen name actors.actor {missing + 1_000}, which is not there or never did this."]


def test_every_append_only_table_of_the_migrations_is_looked_at():
    tables = verification.append_only_tables()

    assert {"audit_auditevent", "audit_auditsubject", "review_decision", "retrospectives_signoff"} <= set(tables)


@pytest.mark.django_db(transaction=True)
def test_a_trigger_switched_off_or_a_right_too_many_fails(owed):
    with psycopg.connect(database.owner_url()) as owner:
        owner.execute("alter table audit_auditevent disable trigger append_only")
        owner.execute(f"grant update on audit_auditsubject to {postgres.APP}")
    try:
        faults = list(verification.faults())
    finally:
        with psycopg.connect(database.owner_url()) as owner:
            owner.execute("alter table audit_auditevent enable trigger append_only")
            owner.execute(f"revoke update on audit_auditsubject from {postgres.APP}")

    assert faults == [
        "The trigger append_only on audit_auditevent is missing or switched off.",
        "The application's role may UPDATE audit_auditsubject.",
    ]
