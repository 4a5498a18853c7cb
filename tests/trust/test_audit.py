import pytest
from django.db import DatabaseError, connection, transaction

from tests.factories import make_actor, make_user
from trust.audit.models import AuditEvent
from trust.audit.operations import record

pytestmark = pytest.mark.django_db


def test_an_event_is_found_by_each_of_its_subjects():
    person, actor, other = make_user(), make_actor(), make_actor()

    event = record("actor.looked_at", on=[actor, person], by=person, data={"rows": 3})

    assert list(AuditEvent.objects.about(actor)) == [event]
    assert list(AuditEvent.objects.about(actor, person)) == [event]
    assert not AuditEvent.objects.about(other).exists()


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_auditevent set kind = 'x'",
        "delete from audit_auditevent",
        "truncate audit_auditevent cascade",
        "delete from audit_auditsubject",
    ],
)
def test_the_application_role_cannot_change_the_audit(statement):
    record("actor.looked_at", on=[make_actor()], by=None)

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert AuditEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_a_bug():
    with pytest.raises(RuntimeError, match="outside a transaction"):
        record("actor.looked_at", on=[make_actor()], by=None)
