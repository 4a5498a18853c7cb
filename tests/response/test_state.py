"""Contained, resolved, open again; another owner; corrected words and times."""

from datetime import datetime, timedelta, timezone

import pytest

from incidents.response import operations, rules
from incidents.response.models import Incident
from incidents.response.rules import Description
from tests.factories import NOW, make_incident, make_user
from trust import clock
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db

STEPS = {"contained": operations.contain, "resolved": operations.resolve, "open": operations.reopen}
TIMES = {
    "open": {},
    "contained": {"contained_at": NOW},
    "resolved": {"contained_at": NOW, "resolved_at": NOW},
}


def described(incident, **changes):
    names = Description.__dataclass_fields__
    return Description(**{**{name: getattr(incident, name) for name in names}, **changes})


def test_an_incident_is_contained_then_resolved_with_reasons_in_the_audit():
    incident = make_incident()

    with clock.at(NOW + timedelta(hours=2)):
        operations.contain(incident, reason="No new actor for 12 hours.", by=incident.owner)
    with clock.at(NOW + timedelta(hours=5)):
        operations.resolve(incident, reason="All accounts are suspended.", by=incident.owner)

    incident.refresh_from_db()
    assert incident.status == "resolved"
    assert (incident.contained_at, incident.resolved_at) == (NOW + timedelta(hours=2), NOW + timedelta(hours=5))
    events = AuditEvent.objects.about(incident).order_by("pk")
    assert [(event.kind, event.reason) for event in events] == [
        ("incident.contained", "No new actor for 12 hours."),
        ("incident.resolved", "All accounts are suspended."),
    ]


def test_an_incident_that_goes_on_is_opened_again_and_the_audit_keeps_its_times():
    incident = make_incident(status="contained", contained_at=NOW)

    operations.reopen(incident, reason="Three new accounts.", by=incident.owner)

    incident.refresh_from_db()
    assert (incident.status, incident.contained_at) == ("open", None)
    assert AuditEvent.objects.about(incident).get().data == {"contained_at": NOW.isoformat()}


@pytest.mark.parametrize("status", Incident.Status.values)
@pytest.mark.parametrize("to", Incident.Status.values)
def test_every_step_is_either_allowed_or_refused_with_a_sentence(status, to):
    incident = make_incident(status=status, **TIMES[status])

    if to in rules.ALLOWED[status]:
        STEPS[to](incident, reason="So it is.", by=incident.owner)
        incident.refresh_from_db()
        assert incident.status == to
        return
    with pytest.raises(Refused):
        STEPS[to](incident, reason="So it is.", by=incident.owner)
    assert not AuditEvent.objects.exists()


def test_a_step_takes_a_reason():
    incident = make_incident()

    with pytest.raises(Refused, match="Say in a sentence why"):
        operations.contain(incident, reason="  ", by=incident.owner)


def test_it_is_given_to_someone_whose_role_changes_incidents():
    incident, other = make_incident(), make_user(role="reviewer")

    operations.reassign(incident, owner=other, by=incident.owner)

    incident.refresh_from_db()
    assert incident.owner == other
    assert AuditEvent.objects.about(incident, other).get().kind == "incident.reassigned"


def test_an_analyst_a_former_colleague_and_its_owner_cannot_be_given_it():
    incident = make_incident()
    gone = make_user(role="lead", is_active=False)

    for owner, sentence in [
        (make_user(role="analyst"), "may not own"),
        (gone, "may not own"),
        (incident.owner, "already"),
    ]:
        with pytest.raises(Refused, match=sentence):
            operations.reassign(incident, owner=owner, by=incident.owner)


def test_an_edit_names_the_fields_that_changed_and_no_others():
    incident = make_incident(severity=3)
    description = described(incident, severity=4, started_at=NOW - timedelta(days=1))

    operations.describe(incident, description=description, by=incident.owner)

    incident.refresh_from_db()
    assert (incident.severity, incident.started_at) == (4, NOW - timedelta(days=1))
    assert AuditEvent.objects.about(incident).get().data == {"fields": ["severity", "started_at"]}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"started_at": NOW + timedelta(minutes=1)}, "in order"),
        ({"contained_at": NOW}, "exactly when"),
        ({"detected_at": NOW + timedelta(days=9)}, "future"),
        ({"started_at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=9)))}, "before the year 2000"),
        ({"summary": "a" * 10_001}, "summary"),
    ],
)
def test_words_and_times_that_cannot_be_are_refused(changes, sentence):
    incident = make_incident()

    with clock.at(NOW + timedelta(days=1)), pytest.raises(Refused, match=sentence):
        operations.describe(incident, description=described(incident, **changes), by=incident.owner)

    assert not AuditEvent.objects.exists()
