"""Applying and deciding: who may, what must be said, and what the database holds whichever way a row is written."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from incidents.use_cases import operations, rules
from incidents.use_cases.models import Application, Fit
from tests.factories import make_actor, make_user
from tests.policies.twice import outcomes_of
from tests.use_cases.factories import NAME, approve, make_application, make_approved, make_seen, make_wish
from trust import clock
from trust.audit import context, verification
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db

State = Application.State


def kinds_about(application: Application) -> list[str]:
    return list(AuditEvent.objects.about(application).order_by("pk").values_list("kind", flat=True))


def state(application: Application) -> State:
    return Application.objects.get(pk=application.pk).state_at(clock.now())


def sql(statement: str, *values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


# ── Applying ─────────────────────────────────────────────


def test_an_application_is_kept_as_it_was_entered_and_waits():
    reviewer, actor = make_user(), make_actor(kind="organisation")

    application = make_application(actor, by=reviewer, name=f"  {NAME} ")

    assert (application.name, application.entered_by, application.via_key) == (NAME, reviewer, None)
    assert state(application) == State.APPLIED
    assert kinds_about(application) == ["use_case.applied"]


def test_who_may_not_enter_is_told_who_may():
    with pytest.raises(Refused, match="Only reviewers and leads"):
        make_application(by=make_user(role="auditor"))

    assert not Application.objects.exists()


def test_one_application_for_a_use_case_waits_at_a_time():
    application = make_application()

    with pytest.raises(Refused, match=f"Application {application.pk} for this use case waits"):
        make_application(application.actor)

    make_application(application.actor, name="another")
    make_application()
    operations.decline(application, reason="Too vague.", by=make_user(role="lead"))
    make_application(application.actor)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("name", "x" * 201),
        ("name", "a\nb"),
        ("description", ""),
        ("description", "x" * 5001),
        ("description", "a\0b"),
        ("expected_volume", 0),
        ("expected_volume", 10**13),
        ("stage", "someday"),
        ("contact", "x" * 301),
        ("contact", "a\0b"),
    ],
)
def test_what_does_not_fit_is_named_by_its_field(field: str, value: Any):
    with pytest.raises(Refused) as refusal:
        make_application(**{field: value})

    assert list(refusal.value.errors) == [field]
    assert refusal.value.status == 422


# ── Deciding ─────────────────────────────────────────────


def test_a_lead_approves_with_conditions_until_the_end_of_a_day():
    lead, application = make_user(role="lead"), make_application()
    today = clock.now().date()

    approve(application, by=lead, conditions=" No grading. ", expires_on=today + timedelta(days=9))

    application.refresh_from_db()
    assert (application.status, application.decided_by, application.conditions) == ("approved", lead, "No grading.")
    assert application.last_day == today + timedelta(days=9)
    assert kinds_about(application) == ["use_case.applied", "use_case.approved"]


def test_it_expires_by_itself_when_its_last_day_ends():
    application = approve(make_application(), expires_on=clock.now().date() + timedelta(days=2))
    end = application.expires_at
    assert end is not None

    assert application.state_at(end - timedelta(seconds=1)) == State.IN_FORCE
    assert application.state_at(end) == State.EXPIRED
    assert list(Application.objects.in_force(end - timedelta(seconds=1))) == [application]
    assert not Application.objects.in_force(end).exists()
    assert list(Application.objects.ended(end)) == [application]


def test_who_entered_it_does_not_approve_it_but_may_take_it_back():
    lead = make_user(role="lead")
    application = make_application(by=lead)

    with pytest.raises(Refused, match="Someone other than who entered it"):
        approve(application, by=lead)
    assert state(application) == State.APPLIED

    operations.decline(application, reason="Entered by mistake.", by=lead)
    assert state(application) == State.DECLINED


@pytest.mark.parametrize("role", ["reviewer", "auditor", "admin", "analyst"])
def test_only_a_lead_decides(role: str):
    application, waiting, person = make_approved(), make_application(), make_user(role=role)

    for attempt in (
        lambda: approve(waiting, by=person),
        lambda: operations.decline(waiting, reason="No.", by=person),
        lambda: operations.withdraw(application, reason="No.", by=person),
    ):
        with pytest.raises(Refused, match="Only a lead"):
            attempt()


def test_a_key_decides_nothing_whoever_owns_it():
    application, waiting, lead = make_approved(), make_application(), make_user(role="lead")

    with context.request("of-a-key"):
        context.use_key(7)
        for attempt in (
            lambda: approve(waiting, by=lead),
            lambda: operations.decline(waiting, reason="No.", by=lead),
            lambda: operations.withdraw(application, reason="No.", by=lead),
        ):
            with pytest.raises(Refused, match="never by an API key"):
                attempt()


def test_a_decision_is_made_once():
    application = approve(make_application())

    with pytest.raises(Refused, match="decided already"):
        approve(application)
    with pytest.raises(Refused, match="decided already"):
        operations.decline(application, reason="No.", by=make_user(role="lead"))


@pytest.mark.parametrize("reason", ["", " ", "x" * 2001, "a\0b"])
def test_declining_and_withdrawing_take_a_reason(reason: str):
    waiting, application, lead = make_application(), make_approved(), make_user(role="lead")

    with pytest.raises(Refused):
        operations.decline(waiting, reason=reason, by=lead)
    with pytest.raises(Refused):
        operations.withdraw(application, reason=reason, by=lead)

    assert (state(waiting), state(application)) == (State.APPLIED, State.IN_FORCE)


@pytest.mark.parametrize("days", [-1, 3661])
def test_the_last_day_is_neither_past_nor_far_off(days: int):
    with pytest.raises(Refused) as refusal:
        approve(make_application(), expires_on=clock.now().date() + timedelta(days=days))

    assert list(refusal.value.errors) == ["expires_on"]


def test_only_what_is_in_force_is_withdrawn_and_only_once():
    lead, application = make_user(role="lead"), make_approved()
    with clock.at(clock.now() - timedelta(days=9)):
        expired = approve(make_application(), expires_on=clock.now().date())

    operations.withdraw(application, reason="They resell it.", by=lead)

    assert state(application) == State.WITHDRAWN
    assert kinds_about(application)[-1] == "use_case.withdrawn"
    for one, sentence in ((application, "any more"), (expired, "any more"), (make_application(), "decline it")):
        with pytest.raises(Refused, match=sentence):
            operations.withdraw(one, reason="Again.", by=lead)


def test_a_later_approval_takes_the_place_of_an_earlier_one():
    earlier = make_approved()
    later = approve(make_application(earlier.actor), conditions="Under sixteen only.")
    make_approved(earlier.actor, name="another")

    assert (state(earlier), state(later)) == (State.REPLACED, State.IN_FORCE)
    assert kinds_about(earlier)[-1] == "use_case.replaced"
    names = Application.objects.in_force(clock.now()).filter(actor=earlier.actor).values_list("name", flat=True)
    assert sorted(names) == ["another", NAME]


def test_the_audit_has_an_event_for_each_step_and_misses_one_that_is_gone():
    earlier = make_approved()
    operations.withdraw(approve(make_application(earlier.actor)), reason="Why.", by=make_user(role="lead"))
    operations.decline(make_application(), reason="No.", by=make_user(role="lead"))
    operations.say(make_seen(make_approved().actor), Fit.Answer.YES, by=make_user(role="lead"))
    assert list(verification.faults()) == []

    sql(
        "update use_cases_application set status = 'declined', decided_by_id = entered_by_id, decided_at = now(),"
        " decline_reason = 'Past the code.' where id = %s",
        make_application().pk,
    )

    assert any("use_case.declined" in fault for fault in verification.faults())


# ── The database ─────────────────────────────────────────


def test_the_database_refuses_who_entered_it_without_the_code(monkeypatch: pytest.MonkeyPatch):
    lead = make_user(role="lead")
    application = make_application(by=lead)
    monkeypatch.setattr(rules, "refusal_to_approve", lambda *arguments: None)

    with pytest.raises(DatabaseError, match="application_approved_by_another"), transaction.atomic():
        approve(application, by=lead)


APPROVE = "update use_cases_application set status = 'approved', decided_by_id = %s, decided_at = now()"


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        (f"{APPROVE} where id = %s", "approved_by_another"),
        (
            "update use_cases_application set status = 'approved', decided_at = now() where %s + id > 0",
            "is_whole|another",
        ),
        ("update use_cases_application set status = 'declined', decided_by_id = %s, decided_at = now()", "says_why"),
        (f"{APPROVE}, expires_at = now() - interval '1 day' where id = %s", "another|after_approval"),
        ("update use_cases_application set conditions = 'Any.' where %s + id > 0", "frozen"),
        ("update use_cases_application set ended_at = now(), ended_by_id = %s", "frozen"),
        ("update use_cases_application set name = 'chat' where %s + id > 0", "frozen"),
        ("update use_cases_application set entered_by_id = %s + 1", "frozen"),
        ("delete from use_cases_application where id + %s > 0", "stays as it came|violates"),
    ],
)
def test_a_waiting_application_is_decided_whole_or_not_at_all(statement: str, constraint: str):
    application = make_application()
    values = [application.entered_by_id, application.pk][: statement.count("%s")]

    with pytest.raises(DatabaseError, match=constraint):
        sql(statement, *values)


@pytest.mark.parametrize(
    "change",
    [
        "status = 'applied', decided_by_id = null, decided_at = null, conditions = ''",
        "status = 'declined', decline_reason = 'Why.', conditions = ''",
        "conditions = 'Anything goes.'",
        "expires_at = null",
        "decided_by_id = entered_by_id",
        "description = 'Something else.'",
        "actor_id = actor_id + 1",
        "status = 'withdrawn'",
        "status = 'withdrawn', ended_by_id = decided_by_id, ended_at = now()",
        "status = 'withdrawn', ended_by_id = decided_by_id, ended_at = null, end_reason = 'Why.'",
        "status = 'withdrawn', ended_by_id = decided_by_id, ended_at = 'epoch', end_reason = 'Why.'",
    ],
)
def test_what_was_approved_is_frozen(change: str):
    application = approve(make_application(), conditions="No grading.", expires_on=clock.now().date())

    with pytest.raises(DatabaseError):
        sql(f"update use_cases_application set {change} where id = %s", application.pk)


def test_what_has_ended_does_not_come_back():
    ended = operations.withdraw(make_approved(), reason="Why.", by=make_user(role="lead"))

    with pytest.raises(DatabaseError, match="frozen"):
        sql(
            "update use_cases_application set status = 'approved', ended_by_id = null, ended_at = null, end_reason = ''"
            " where id = %s",
            ended.pk,
        )


def test_nothing_comes_in_approved():
    application = make_application()

    with pytest.raises(DatabaseError, match="undecided"):
        Application.objects.create(
            actor=application.actor,
            name="chat",
            description="Why.",
            expected_volume=1,
            stage="pilot",
            entered_by=application.entered_by,
            entered_at=clock.now(),
            status="approved",
            decided_by=make_user(role="lead"),
            decided_at=clock.now(),
        )


@pytest.mark.django_db(transaction=True)
def test_two_at_once_apply_once_and_two_leads_decide_once():
    actor, reviewer = make_actor(), make_user()

    entered = outcomes_of(lambda wish: operations.apply(actor, wish, by=reviewer), [make_wish(), make_wish()])
    application = Application.objects.get()
    decided = outcomes_of(lambda lead: approve(application, by=lead), [make_user(role="lead"), make_user(role="lead")])

    for outcomes in (entered, decided):
        assert sorted(isinstance(one, Refused) for one in outcomes) == [False, True], outcomes
    assert kinds_about(application) == ["use_case.applied", "use_case.approved"]
