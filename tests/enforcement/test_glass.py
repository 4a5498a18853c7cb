"""A lead carries out a severe action alone; another lead looks at it afterwards, and nobody else may."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from incidents.enforcement import operations
from incidents.enforcement.models import EnforcementAction
from tests.enforcement.factories import approve, propose, propose_warning
from tests.factories import make_actor, make_enforcement, make_user
from tests.outgoing.factories import make_endpoint
from tests.policies.twice import outcomes_of
from trust.accounts.models import User
from trust.audit import context
from trust.audit.models import AuditEvent
from trust.outgoing.models import Message
from trust.refusals import Refused

pytestmark = pytest.mark.django_db

STAKE = "Card numbers are being tested at forty a second, and every minute costs people money."


def break_glass(enforcement: EnforcementAction | None = None, *, by: User | None = None) -> EnforcementAction:
    by = by or make_user(role="lead")
    return operations.break_glass(enforcement or propose(by=by), stake=STAKE, by=by)


def review(enforcement: EnforcementAction, outcome: str = "confirmed", *, by: User | None = None) -> EnforcementAction:
    by = by or make_user(role="lead")
    return operations.review_glass(enforcement, outcome, reason="I would have done the same.", by=by)


def run(statement: str, *values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_a_lead_carries_out_alone_what_they_proposed_and_it_is_marked():
    make_endpoint()
    actor, lead = make_actor(), make_user(role="lead")

    enforcement = break_glass(propose(actor, by=lead), by=lead)

    actor.refresh_from_db()
    assert (enforcement.status, enforcement.broke_glass, enforcement.stake) == ("approved", True, STAKE)
    assert enforcement.approved_at
    assert enforcement.review_due_at == enforcement.approved_at + timedelta(hours=24)
    assert actor.standing == "suspended"
    assert Message.objects.get().payload["type"] == "enforcement.approved"
    assert "numbers" not in str(Message.objects.get().payload)
    kinds = AuditEvent.objects.about(enforcement).values_list("kind", flat=True)
    assert {"enforcement.approved", "enforcement.glass_broken"} <= set(kinds)


@pytest.mark.parametrize(
    ("role", "kind", "parameters", "sentence"),
    [
        ("reviewer", "suspension", {"days": 3}, "Only a lead"),
        ("lead", "warning", {"days": 3}, "one person anyway"),
        ("lead", "ban", {}, "never carried out by one person"),
        ("lead", "referral", {"authority": "Police"}, "never carried out by one person"),
    ],
)
def test_who_may_not_carry_out_what_alone(role: str, kind: str, parameters: dict[str, Any], sentence: str):
    person = make_user(role=role)
    enforcement = propose(by=person, kind=kind, parameters=parameters)

    with pytest.raises(Refused, match=sentence):
        break_glass(enforcement, by=person)

    enforcement.refresh_from_db()
    assert (enforcement.status, enforcement.broke_glass) == ("proposed", False)


def test_what_another_proposed_is_approved_instead():
    with pytest.raises(Refused, match="Someone else proposed it"):
        break_glass(propose())


def test_a_key_breaks_no_glass_and_reviews_nothing():
    lead = make_user(role="lead")
    enforcement, broken = propose(by=lead), break_glass()

    with context.request("test-request"):
        context.use_key(1)
        with pytest.raises(Refused, match="never by an API key"):
            break_glass(enforcement, by=lead)
        with pytest.raises(Refused, match="never by an API key"):
            review(broken)


@pytest.mark.parametrize("stake", ["", "It burns.", f"{'a':<60}", "a" * 2001, f"{STAKE}\0"])
def test_what_is_at_stake_is_said_at_some_length(stake: str):
    lead = make_user(role="lead")

    with pytest.raises(Refused):
        operations.break_glass(propose(by=lead), stake=stake, by=lead)


def test_another_lead_confirms_it():
    lead, enforcement = make_user(role="lead"), break_glass()

    enforcement = review(enforcement, by=lead)

    assert (enforcement.status, enforcement.reviewed_by, enforcement.review_outcome) == ("in_force", lead, "confirmed")
    assert enforcement.review_due_at is None
    assert not EnforcementAction.objects.to_review()
    assert AuditEvent.objects.about(enforcement).get(kind="enforcement.glass_reviewed").by == lead


def test_another_lead_finds_it_wrong_and_whoever_was_told_is_told_to_lift_it():
    make_endpoint()
    enforcement = break_glass()
    Message.objects.update(attempts_made=1)

    enforcement = review(enforcement, "reversed")

    enforcement.actor.refresh_from_db()
    assert (enforcement.status, enforcement.review_outcome) == ("reversed", "reversed")
    assert enforcement.actor.standing == "good"
    assert Message.objects.filter(payload__type="enforcement.lifted").exists()


def test_what_ended_meanwhile_is_reviewed_all_the_same():
    lead = make_user(role="lead")
    enforcement = operations.reverse(break_glass(by=lead), reason="They stopped by themselves.", by=lead)
    assert list(EnforcementAction.objects.to_review()) == [enforcement]

    enforcement = review(enforcement, "reversed")

    assert (enforcement.status, enforcement.reversed_by) == ("reversed", lead)
    assert not EnforcementAction.objects.to_review()


def test_who_may_not_review():
    lead, other = make_user(role="lead"), make_user(role="lead")
    enforcement = break_glass(by=lead)

    with pytest.raises(Refused, match="another lead"):
        review(enforcement, by=lead)
    with pytest.raises(Refused, match="Only a lead"):
        review(enforcement, by=make_user())
    with pytest.raises(Refused, match="Give your reason"):
        operations.review_glass(enforcement, "confirmed", reason=" ", by=other)
    with pytest.raises(Refused, match="Nobody carried this out alone"):
        review(approve(propose()))
    review(enforcement, by=other)
    with pytest.raises(Refused, match="reviewed already"):
        review(enforcement, by=other)


# ── By the database, as the application's role ───────────

CARRY_OUT_ALONE = """
    update enforcement_enforcementaction set status = 'approved', approved_by_id = proposed_by_id, approved_at = now(),
        broke_glass = true, stake = %s where id = %s
"""


@pytest.mark.parametrize(
    ("kind", "stake"), [("ban", STAKE), ("referral", STAKE), ("suspension", "too short"), ("warning", STAKE)]
)
def test_the_database_makes_exactly_this_exception(kind: str, stake: str):
    enforcement = make_enforcement(kind=kind)

    with pytest.raises(IntegrityError, match=r"by_two_people|glass_by_one"):
        run(CARRY_OUT_ALONE, stake, enforcement.pk)


def test_the_exception_itself_is_let_through():
    enforcement = propose()

    run(CARRY_OUT_ALONE, STAKE, enforcement.pk)

    enforcement.refresh_from_db()
    assert enforcement.broke_glass


def test_a_mark_needs_one_person_who_carried_it_out():
    enforcement = propose()

    for fields in ("approved_by_id = null, approved_at = null", "approved_by_id = %s, approved_at = now()"):
        values = [make_user(role="lead").pk] if "%s" in fields else []
        with pytest.raises(IntegrityError, match="glass_by_one"):
            run(
                f"update enforcement_enforcementaction set broke_glass = true, stake = %s, {fields} where id = %s",
                STAKE,
                *values,
                enforcement.pk,
            )


@pytest.mark.parametrize(
    "change", ["broke_glass = true, stake = repeat('a', 60)", "broke_glass = false, stake = ''", "stake = 'b'"]
)
def test_nobody_marks_or_unmarks_it_afterwards(change: str):
    enforcement = approve(propose()) if "true" in change else break_glass()

    with pytest.raises(DatabaseError, match="not changed afterwards"):
        run(f"update enforcement_enforcementaction set {change} where id = %s", enforcement.pk)


REVIEW = """
    update enforcement_enforcementaction set reviewed_by_id = %s, reviewed_at = now(), review_outcome = 'confirmed',
        review_reason = 'Right.' where id = %s
"""


def test_the_database_lets_nobody_review_themselves():
    lead = make_user(role="lead")

    with pytest.raises(IntegrityError, match="reviewed_by_another"):
        run(REVIEW, lead.pk, break_glass(by=lead).pk)
    with pytest.raises(IntegrityError, match="reviewed_by_another"):
        run(REVIEW, lead.pk, approve(propose()).pk)


def test_a_review_is_not_taken_back():
    enforcement = review(break_glass())

    with pytest.raises(DatabaseError, match="not taken back"):
        run(REVIEW, make_user(role="lead").pk, enforcement.pk)


# ── Twice at once ────────────────────────────────────────


@pytest.mark.django_db(transaction=True)
def test_of_two_reviews_at_once_one_counts():
    enforcement = break_glass()
    leads = [make_user(role="lead"), make_user(role="lead")]

    outcomes = outcomes_of(lambda lead: review(enforcement, "reversed", by=lead), leads)

    assert sorted(isinstance(one, Refused) for one in outcomes) == [False, True]
    assert AuditEvent.objects.about(enforcement).filter(kind="enforcement.glass_reviewed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_broken_and_approved_at_once_it_is_carried_out_once():
    make_endpoint()
    breaker, other = make_user(role="lead"), make_user(role="lead")
    enforcement = propose(by=breaker)

    outcomes = outcomes_of(
        lambda lead: approve(enforcement, by=lead) if lead == other else break_glass(enforcement, by=lead),
        [breaker, other],
    )

    assert sum(isinstance(one, Refused) for one in outcomes) == 1
    assert Message.objects.count() == 1
    enforcement.refresh_from_db()
    assert enforcement.broke_glass == (enforcement.approved_by == breaker)


def test_what_takes_one_person_is_never_marked():
    enforcement = propose_warning()

    with pytest.raises(IntegrityError, match="glass_by_one"):
        run(CARRY_OUT_ALONE, STAKE, enforcement.pk)
