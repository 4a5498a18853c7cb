"""An action that begins later, and one that ends later than approved: told once, and nothing edited in place."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from incidents.enforcement import operations
from incidents.enforcement.models import Delivery, EnforcementAction, Extension
from tests.enforcement.factories import approve, propose, propose_warning
from tests.factories import make_actor, make_user
from tests.outgoing.factories import make_endpoint
from tests.policies.twice import outcomes_of
from trust import clock
from trust.accounts.models import User
from trust.audit import context
from trust.audit.models import AuditEvent
from trust.outgoing import http, operations as outgoing
from trust.outgoing.models import Message
from trust.refusals import Refused

pytestmark = pytest.mark.django_db

TOMORROW = timedelta(days=1)


def scheduled(**fields: Any) -> EnforcementAction:
    return approve(propose(starts_at=clock.now() + TOMORROW, **fields))


def begin(enforcement: EnforcementAction) -> EnforcementAction:
    assert enforcement.starts_at
    with clock.at(enforcement.starts_at):
        while operations.begin_next():
            pass
    enforcement.refresh_from_db()
    return enforcement


def extend(enforcement: EnforcementAction, days: int = 7, *, by: User | None = None) -> Extension:
    assert enforcement.ends_at
    later = enforcement.ends_at + timedelta(days=days)
    return operations.extend(enforcement, ends_at=later, reason="They went on.", by=by or make_user())


def agree(extension: Extension, *, by: User | None = None) -> Extension:
    return operations.approve_extension(extension, reason="So they did.", by=by or make_user(role="lead"))


def run(statement: str, *values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


# ── Begins later ─────────────────────────────────────────


def test_what_begins_later_is_told_at_its_time_and_once():
    make_endpoint()
    actor = make_actor()
    enforcement = scheduled(actor=actor)
    assert enforcement.starts_at
    assert enforcement.status == "scheduled"
    assert enforcement.ends_at == enforcement.starts_at + timedelta(days=30)
    assert not operations.begin_next()
    assert not Message.objects.exists()
    actor.refresh_from_db()
    assert actor.standing != "suspended"

    enforcement = begin(enforcement)

    begin(enforcement)
    actor.refresh_from_db()
    assert (enforcement.status, actor.standing) == ("approved", "suspended")
    data = Message.objects.get().payload["data"]
    assert enforcement.approved_by
    assert data["approved_by"] == enforcement.approved_by.pseudonym
    assert AuditEvent.objects.about(enforcement).filter(kind="enforcement.begun").count() == 1


def test_without_endpoints_it_is_in_force_when_it_begins():
    assert begin(scheduled()).status == "in_force"


def test_it_is_withdrawn_before_it_begins_and_nobody_is_told():
    make_endpoint()
    lead, enforcement = make_user(role="lead"), scheduled()

    operations.withdraw(enforcement, reason="They paid.", by=lead)

    enforcement = begin(enforcement)
    assert (enforcement.status, enforcement.reversed_by) == ("withdrawn", lead)
    assert not Message.objects.exists()
    assert AuditEvent.objects.about(enforcement).get(kind="enforcement.withdrawn").reason == "They paid."


def test_who_may_not_withdraw_and_when():
    enforcement, reviewer = scheduled(), make_user()

    with pytest.raises(Refused, match="Only a lead"):
        operations.withdraw(enforcement, reason="Why.", by=reviewer)
    begun = begin(enforcement)
    with pytest.raises(Refused, match="cannot be done"):
        operations.withdraw(begun, reason="Why.", by=make_user(role="lead"))
    with context.request("test-request"):
        context.use_key(1)
        with pytest.raises(Refused, match="never by an API key"):
            operations.withdraw(scheduled_by_person(), reason="Why.", by=make_user(role="lead"))


def scheduled_by_person() -> EnforcementAction:
    enforcement = propose()
    values = {"status": "scheduled", "starts_at": clock.now() + TOMORROW, "approved_at": clock.now()}
    EnforcementAction.objects.filter(pk=enforcement.pk).update(**values, approved_by=make_user(role="lead"))
    return enforcement


@pytest.mark.parametrize("days", [-1, 0, 91])
def test_a_time_that_is_past_or_far_is_refused(days: int):
    with pytest.raises(Refused, match="Choose a time"):
        propose(starts_at=clock.now() + timedelta(days=days))


def test_what_was_to_begin_before_it_was_approved_begins_at_once():
    enforcement = propose(starts_at=clock.now() + TOMORROW)

    with clock.at(clock.now() + 2 * TOMORROW):
        enforcement = approve(enforcement)

    assert enforcement.status == "in_force"
    assert enforcement.approved_at
    assert enforcement.ends_at == enforcement.approved_at + timedelta(days=30)


def test_what_is_to_begin_later_is_never_carried_out_alone():
    lead = make_user(role="lead")
    enforcement = propose(by=lead, starts_at=clock.now() + TOMORROW)

    with pytest.raises(Refused, match="can be waited for"):
        operations.break_glass(enforcement, stake="a" * 60, by=lead)


def test_the_database_holds_two_people_apart_before_it_begins():
    enforcement = propose(starts_at=clock.now() + TOMORROW)

    for status in ("scheduled", "withdrawn"):
        with pytest.raises(IntegrityError, match="by_two_people"):
            run(
                "update enforcement_enforcementaction set status = %s, approved_by_id = proposed_by_id, "
                "approved_at = now(), reversed_by_id = proposed_by_id, reversed_at = now() where id = %s",
                status,
                enforcement.pk,
            )


@pytest.mark.parametrize("change", ["starts_at = now()", "ends_at = ends_at + interval '1 day'", "ends_at = null"])
def test_the_times_of_what_was_approved_are_not_edited(change: str):
    enforcement = scheduled()

    with pytest.raises(DatabaseError, match="approved action"):
        run(f"update enforcement_enforcementaction set {change} where id = %s", enforcement.pk)


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_begin_each_action_once():
    make_endpoint()
    actions = [scheduled() for _number in range(4)]

    def sweep(_number: int) -> int:
        begun = 0
        with clock.at(clock.now() + 2 * TOMORROW):
            while operations.begin_next():
                begun += 1
        return begun

    assert sum(outcomes_of(sweep, [1, 2])) == len(actions)
    assert Message.objects.count() == len(actions)


@pytest.mark.django_db(transaction=True)
def test_withdrawn_and_begun_at_once_one_of_them_counts():
    make_endpoint()
    enforcement, lead = scheduled(), make_user(role="lead")

    def act(does_withdraw: bool) -> Any:
        if does_withdraw:
            return operations.withdraw(enforcement, reason="They paid.", by=lead)
        with clock.at(clock.now() + 2 * TOMORROW):
            return operations.begin_next()

    outcomes_of(act, [True, False])

    enforcement.refresh_from_db()
    assert (enforcement.status == "withdrawn") == (not Message.objects.exists())


# ── Ends later ───────────────────────────────────────────


def test_a_severe_action_is_extended_by_two_people_and_those_who_were_told_are_told():
    make_endpoint()
    enforcement = approve(propose())
    former = enforcement.ends_at
    make_endpoint()  # a new one, that was never told of it
    extension = extend(enforcement)
    enforcement.refresh_from_db()
    assert (extension.status, enforcement.ends_at) == ("proposed", former)

    lead = make_user(role="lead")
    agree(extension, by=lead)

    enforcement.refresh_from_db()
    assert former
    assert enforcement.ends_at == former + timedelta(days=7)
    message = Message.objects.get(kind="enforcement.extended")
    data = message.payload["data"]
    assert (data["ends_at"], data["former_ends_at"]) == (enforcement.ends_at.isoformat(), former.isoformat())
    assert (data["kind"], data["approved_by"]) == ("suspension", lead.pseudonym)
    assert Delivery.objects.get(message=message).purpose == "extend"
    kinds = set(AuditEvent.objects.about(enforcement).values_list("kind", flat=True))
    assert {"enforcement.extension_proposed", "enforcement.extended"} <= kinds


def test_what_takes_one_person_is_extended_by_one():
    reviewer = make_user()
    enforcement = approve(propose_warning(), by=reviewer)

    extension = extend(enforcement, by=reviewer)

    enforcement.refresh_from_db()
    assert extension.status == "approved"
    assert enforcement.ends_at == extension.ends_at


def test_the_end_in_force_is_what_the_newest_approved_extension_says():
    enforcement = approve(propose())
    first = agree(extend(enforcement, 7))
    enforcement.refresh_from_db()
    operations.decline_extension(extend(enforcement, 100), reason="Too long.", by=make_user())
    second = agree(extend(enforcement, 3))

    enforcement.refresh_from_db()
    assert enforcement.ends_at == second.ends_at == first.ends_at + timedelta(days=3)
    assert [one.status for one in enforcement.extensions.order_by("pk")] == ["approved", "declined", "approved"]


def test_who_may_not_extend_and_what():
    lead, enforcement = make_user(role="lead"), approve(propose())
    extension = extend(enforcement, by=lead)

    with pytest.raises(Refused, match="decide on that first"):
        extend(enforcement)
    with pytest.raises(Refused, match="other than the proposer"):
        agree(extension, by=lead)
    with pytest.raises(Refused, match="Only a lead"):
        agree(extension, by=make_user())
    with pytest.raises(Refused, match="cannot be done"):
        operations.extend(propose(), ends_at=clock.now() + TOMORROW, reason="Why.", by=lead)
    banned = approve(propose(kind="ban", parameters={}))
    with pytest.raises(Refused, match="nothing to extend"):
        operations.extend(banned, ends_at=clock.now() + TOMORROW, reason="Why.", by=lead)
    with pytest.raises(Refused, match="Only reviewers and leads"):
        extend(approve(propose()), by=make_user(role="auditor"))


@pytest.mark.parametrize(("days", "reason"), [(0, "Why."), (-1, "Why."), (4000, "Why."), (3, " ")])
def test_a_later_end_is_later_near_and_has_a_reason(days: int, reason: str):
    enforcement = approve(propose())
    assert enforcement.ends_at

    with pytest.raises(Refused):
        operations.extend(
            enforcement, ends_at=enforcement.ends_at + timedelta(days=days), reason=reason, by=make_user()
        )
    assert not Extension.objects.exists()


def test_an_extension_lapses_when_the_action_ends_first():
    make_endpoint()
    enforcement = approve(propose())
    extension = extend(enforcement)

    operations.reverse(enforcement, reason="It was somebody else.", by=make_user(role="lead"))

    extension.refresh_from_db()
    assert (extension.status, extension.decided_by) == ("lapsed", None)
    assert AuditEvent.objects.about(enforcement).filter(kind="enforcement.extension_lapsed").count() == 1
    with pytest.raises(Refused, match="cannot be done"):
        agree(extension)


def test_an_order_that_names_the_former_end_is_not_sent_again():
    make_endpoint()
    lead, enforcement = make_user(role="lead"), approve(propose())
    Message.objects.update(tries_left=1)
    claimed = outgoing.claim_due()
    assert claimed
    outgoing.finish(claimed, answer=http.Answer(status_code=500, text="no", duration_ms=12))
    agree(extend(enforcement))

    with pytest.raises(Refused, match="names the former end"):
        operations.send_again(Delivery.objects.get(purpose="carry_out"), by=lead)


DECIDE = "update enforcement_extension set status = 'approved', decided_by_id = %s, decided_at = now() where id = %s"


def test_the_database_holds_two_people_apart():
    lead, reviewer = make_user(role="lead"), make_user()

    with pytest.raises(IntegrityError, match="extension_severe_by_two_people"):
        run(DECIDE, lead.pk, extend(approve(propose()), by=lead).pk)
    mild = approve(propose_warning())
    assert extend(mild, by=reviewer).status == "approved"


def test_the_database_keeps_an_extension_as_it_was():
    enforcement = approve(propose())
    extension = agree(extend(enforcement))

    for change in ("reason = 'b'", "ends_at = ends_at + interval '9 days'", "status = 'declined'"):
        with pytest.raises(DatabaseError, match="stays as it was"):
            run(f"update enforcement_extension set {change} where id = %s", extension.pk)
    with pytest.raises(DatabaseError, match="stays as it was"):
        run("delete from enforcement_extension where id = %s", extension.pk)
    enforcement.refresh_from_db()
    waiting = extend(enforcement)
    with pytest.raises(DatabaseError, match="stays as it was"):
        run("update enforcement_extension set kind = 'warning' where id = %s", waiting.pk)


@pytest.mark.parametrize("kind", ["warning", "suspension"])
def test_the_database_knows_the_action_that_is_extended(kind: str):
    """Neither another kind than the action's, nor an end that it does not have, nor one that is decided at once."""
    enforcement, lead = approve(propose()), make_user(role="lead")
    assert enforcement.ends_at
    values = {
        "enforcement": enforcement,
        "kind": kind,
        "former_ends_at": enforcement.ends_at + TOMORROW,
        "ends_at": enforcement.ends_at + 2 * TOMORROW,
        "reason": "Why.",
        "proposed_by": lead,
        "proposed_at": clock.now(),
    }

    with pytest.raises(DatabaseError, match="only the end of what runs"), transaction.atomic():
        Extension.objects.create(status="proposed", **values)
    with pytest.raises(DatabaseError, match="proposed first"), transaction.atomic():
        Extension.objects.create(status="approved", decided_by=lead, decided_at=clock.now(), **values)


@pytest.mark.django_db(transaction=True)
def test_extended_and_ended_at_once_one_of_them_counts():
    make_endpoint()
    enforcement, lead = approve(propose()), make_user(role="lead")
    assert enforcement.ends_at
    past, extension = enforcement.ends_at + timedelta(minutes=1), extend(enforcement)

    def act(does_extend: bool) -> Any:
        with clock.at(past):
            return agree(extension, by=lead) if does_extend else operations.end_next()

    outcomes_of(act, [True, False])

    enforcement.refresh_from_db()
    extension.refresh_from_db()
    is_told = Message.objects.filter(kind="enforcement.extended").exclude(status="withdrawn").exists()
    assert (enforcement.status, extension.status, is_told) in [
        ("expired", "lapsed", False),
        ("approved", "approved", True),
    ]
