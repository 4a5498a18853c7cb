"""Rules that act by themselves: two people, never severe, within a cap, once, and looked at afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from incidents.enforcement import operations, rules
from incidents.enforcement.models import ActingCheck, ActingRule, ActingRuleDay, EnforcementAction
from incidents.enforcement.operations import RuleDraft, acting
from policies.models import ClauseVersion
from policies.vocabulary import EnforcementKind
from tests.enforcement.factories import LADDER, make_finding, propose_warning
from tests.factories import make_actor, make_clause, make_user
from tests.outgoing.factories import make_endpoint
from tests.policies.twice import outcomes_of
from trust import clock
from trust.audit.models import AuditEvent
from trust.outgoing.models import Message
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


def write(text: ClauseVersion, **fields: Any) -> ActingRule:
    by = fields.pop("by", None) or make_user(role="policy_approver")
    values: dict[str, Any] = {
        "clause": text.clause,
        "severity": 2,
        "kind": EnforcementKind.WARNING,
        "parameters": {"days": 90},
        "reason": "Always the same.",
        **fields,
    }
    return operations.write_rule(RuleDraft(**values), by=by)


def armed(text: ClauseVersion, **fields: Any) -> ActingRule:
    return operations.arm_rule(write(text, **fields), by=make_user(role="lead"))


def strike(text: ClauseVersion, actor: Any = None, *, severity: int = 2) -> Any:
    """Find one violation and give its strike. Returns the actor."""
    actor = actor or make_actor()
    make_finding(actor, severity=severity, clause=text, decided_at=clock.now())
    operations.give_strikes()
    return actor


def done_to(actor: Any) -> list[tuple[str, str]]:
    return list(EnforcementAction.objects.filter(actor=actor).order_by("pk").values_list("kind", "status"))


def run(statement: str, *values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.fixture
def text() -> ClauseVersion:
    return make_clause(recommended=LADDER)


# ── Who writes and who arms ──────────────────────────────


def test_a_rule_does_nothing_before_another_lead_armed_it(text: ClauseVersion):
    lead = make_user(role="lead")
    rule = write(text, by=lead)

    first = strike(text)
    with pytest.raises(Refused, match="another lead"):
        operations.arm_rule(rule, by=lead)
    operations.arm_rule(rule, by=make_user(role="lead"))
    second = strike(text)

    assert done_to(first) == [("warning", "recommended")]
    assert done_to(second) == [("warning", "in_force")]


@pytest.mark.parametrize("role", ["reviewer", "policy_editor", "analyst", "auditor", "admin"])
def test_who_writes_no_rule(text: ClauseVersion, role: str):
    with pytest.raises(Refused, match="Only leads and policy approvers"):
        write(text, by=make_user(role=role))


@pytest.mark.parametrize("role", ["reviewer", "policy_approver", "auditor"])
def test_who_arms_no_rule(text: ClauseVersion, role: str):
    with pytest.raises(Refused, match="Only a lead"):
        operations.arm_rule(write(text), by=make_user(role=role))


@pytest.mark.parametrize("kind", ["feature_block", "suspension", "ban", "referral"])
def test_a_rule_carries_out_nothing_severe(text: ClauseVersion, kind: str):
    with pytest.raises(Refused, match="two people"):
        write(text, kind=EnforcementKind(kind))


def test_a_rule_that_is_switched_off_acts_no_more_and_is_not_armed_again(text: ClauseVersion):
    lead, rule = make_user(role="lead"), armed(text)

    operations.disarm_rule(rule, reason="Too many mistakes.", by=make_user(role="policy_approver"))

    assert done_to(strike(text)) == [("warning", "recommended")]
    with pytest.raises(Refused, match="write it anew"):
        operations.arm_rule(rule, by=lead)


# ── What it does ─────────────────────────────────────────


def test_what_a_rule_does_names_it_and_nobody_else(text: ClauseVersion):
    make_endpoint()
    rule = armed(text)

    actor = strike(text)

    action = EnforcementAction.objects.get(actor=actor)
    actor.refresh_from_db()
    assert (action.by_rule, action.proposed_by, action.approved_by) == (rule, None, None)
    assert (action.status, actor.standing, len(action.evidence)) == ("approved", "warned", 1)
    assert action.ends_at
    data = Message.objects.get().payload["data"]
    assert (data["rule"], data["approved_by"]) == (rule.pk, None)
    assert AuditEvent.objects.about(action, rule).get(kind="enforcement.approved").by is None


@pytest.mark.parametrize(
    ("fields", "severity", "expected"),
    [
        ({}, 3, [("rate_limit", "recommended")]),  # another severity
        ({"from_strikes": 2}, 2, [("warning", "recommended")]),
        ({"actor_kinds": ["organisation"]}, 2, [("warning", "recommended")]),
        ({"actor_kinds": ["account"]}, 2, [("warning", "in_force")]),
        (
            {"kind": EnforcementKind.NOTICE, "parameters": {"days": 3}},
            2,
            [("notice", "in_force"), ("warning", "recommended")],
        ),
    ],
)
def test_what_a_rule_looks_at(text: ClauseVersion, fields: dict[str, Any], severity: int, expected: list[Any]):
    armed(text, **fields)

    assert done_to(strike(text, severity=severity)) == expected


def test_a_rule_leaves_alone_for_whom_as_much_is_proposed_already(text: ClauseVersion):
    actor = make_actor()
    propose_warning(actor)
    armed(text)

    strike(text, actor)

    assert done_to(actor) == [("warning", "proposed")]


def test_the_gravest_of_several_rules_acts(text: ClauseVersion):
    for kind, parameters in (("notice", {"days": 3}), ("quota", {"requests_per_day": 5}), ("warning", {"days": 3})):
        armed(text, kind=EnforcementKind(kind), parameters=parameters)

    assert done_to(strike(text)) == [("quota", "in_force")]


def test_past_its_cap_a_rule_leaves_it_to_people_and_says_so(text: ClauseVersion):
    rule = armed(text, cap=2)

    actors = [strike(text) for _number in range(4)]

    assert [done_to(actor)[0][1] for actor in actors] == ["in_force", "in_force", "recommended", "recommended"]
    day = ActingRuleDay.objects.get(rule=rule)
    assert (day.acted, day.held_back) == (2, 2)
    assert AuditEvent.objects.about(rule).filter(kind="acting_rule.stopped").count() == 1


# ── What is drawn for a person ───────────────────────────


@pytest.mark.parametrize(("share", "drawn"), [(0, 0), (100, 3)])
def test_a_share_of_what_it_does_is_drawn(text: ClauseVersion, share: int, drawn: int):
    armed(text, share=share)

    for _number in range(3):
        strike(text)

    assert ActingCheck.objects.waiting().count() == drawn


def test_the_draw_keeps_to_its_share_and_is_alike_at_every_attempt():
    rule = ActingRule(pk=7, share=10)

    drawn = [number for number in range(20_000) if rules.is_drawn(rule, number)]

    assert 1_800 < len(drawn) < 2_200
    assert set(drawn) <= {number for number in range(20_000) if rules.is_drawn(ActingRule(pk=7, share=20), number)}


def test_what_was_wrong_is_reversed_with_the_answer(text: ClauseVersion):
    armed(text, share=100)
    actor, person = strike(text), make_user()
    drawn = ActingCheck.objects.get()

    operations.check(drawn, "wrong", reason="They quoted it.", by=person)

    actor.refresh_from_db()
    assert done_to(actor) == [("warning", "reversed")]
    assert actor.standing == "good"
    with pytest.raises(Refused, match="checked already"):
        operations.check(drawn, "right", reason="Or not.", by=person)


def test_who_judged_it_does_not_check_it(text: ClauseVersion):
    armed(text, share=100)
    strike(text)
    drawn = ActingCheck.objects.get()
    judged = drawn.enforcement.decision_links.get().decision.by

    with pytest.raises(Refused, match="You judged"):
        operations.check(drawn, "right", reason="Of course.", by=judged)


@pytest.mark.parametrize("part", ["written_by", "armed_by"])
def test_who_wrote_or_armed_a_rule_does_not_check_what_it_did(text: ClauseVersion, part: str):
    rule = armed(text, share=100, by=make_user(role="lead"))
    strike(text)
    drawn = ActingCheck.objects.get()

    with pytest.raises(Refused, match="You wrote or armed the rule"):
        operations.check(drawn, "right", reason="Of course.", by=getattr(rule, part))


# ── By the database, as the application's role ───────────


def test_the_database_lets_an_armed_rule_alone_stand_in_for_a_person(text: ClauseVersion):
    action = propose_warning()
    values = {
        "actor": action.actor,
        "kind": "warning",
        "status": "in_force",
        "created_at": action.created_at,
        "approved_at": action.created_at,
    }

    with pytest.raises(DatabaseError, match="proposed before"), transaction.atomic():
        EnforcementAction.objects.create(**values)
    with pytest.raises(DatabaseError, match="only an armed rule"), transaction.atomic():
        EnforcementAction.objects.create(**values, by_rule=write(text))
    with pytest.raises(DatabaseError, match="only an armed rule"), transaction.atomic():
        EnforcementAction.objects.create(**values | {"kind": "suspension"}, by_rule=armed(text))
    with pytest.raises(IntegrityError, match="nobodys_and_not_severe"), transaction.atomic():
        EnforcementAction.objects.create(**values, by_rule=armed(text), proposed_by=make_user())
    with pytest.raises(DatabaseError, match="which rule"):
        run("update enforcement_enforcementaction set by_rule_id = %s where id = %s", armed(text).pk, action.pk)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ("armed_by_id = written_by_id, armed_at = now()", "armed_by_another"),
        ("kind = 'ban'", "stays as it was"),
        ("cap = 500", "stays as it was"),
        ("written_by_id = null", "stays as it was"),
    ],
)
def test_the_database_keeps_a_rule_as_it_was_written(text: ClauseVersion, change: str, match: str):
    with pytest.raises(DatabaseError, match=match):
        run(f"update enforcement_actingrule set {change} where id = %s", write(text).pk)


def test_the_database_takes_no_severe_and_no_armed_rule(text: ClauseVersion):
    rule = write(text)
    for fields, match in (({"kind": "ban"}, "not_severe"), ({"armed_at": rule.written_at}, "armed by another")):
        copy = ActingRule.objects.get(pk=rule.pk)
        copy.pk, copy._state.adding = None, True
        for name, value in fields.items():
            setattr(copy, name, value)
        with pytest.raises(DatabaseError, match=match), transaction.atomic():
            copy.save()


def test_a_rule_acts_on_nothing_that_was_decided_before_it_was_armed(text: ClauseVersion):
    actor = make_actor()
    make_finding(actor, severity=2, clause=text)
    armed(text)

    operations.give_strikes()

    assert done_to(actor) == [("warning", "recommended")]


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ("update enforcement_actingruleday set acted = 2", "within_cap"),
        ("update enforcement_actingruleday set acted = 2, cap = 2", "cap of a day"),
        ("update enforcement_actingruleday set acted = 0", "only grows"),
        ("delete from enforcement_actingruleday", "stays"),
    ],
)
def test_no_day_goes_past_its_cap(text: ClauseVersion, change: str, match: str):
    armed(text, cap=1)
    strike(text)

    with pytest.raises(IntegrityError, match=match):
        run(change)


@pytest.mark.parametrize("column", ["reason", "approval_reason", "parameters"])
def test_what_a_rule_carried_out_stays_as_it_was(text: ClauseVersion, column: str):
    armed(text)
    strike(text)
    value = "'{}'" if column == "parameters" else "'other'"

    with pytest.raises(IntegrityError, match="frozen"):
        run(f"update enforcement_enforcementaction set {column} = {value}")


def test_a_check_is_of_what_its_rule_did_and_not_answered_yet(text: ClauseVersion):
    rule, other = armed(text, share=0), armed(text, severity=3)
    strike(text)
    action = EnforcementAction.objects.get(by_rule=rule)
    drawn = {"enforcement": action, "share": 0, "drawn_at": clock.now()}

    with pytest.raises(IntegrityError, match="what its rule did"), transaction.atomic():
        ActingCheck.objects.create(rule=other, **drawn)
    answered = {"outcome": "right", "reason": "So.", "checked_by": make_user(), "checked_at": clock.now()}
    with pytest.raises(IntegrityError, match="drawn first"), transaction.atomic():
        ActingCheck.objects.create(rule=rule, **drawn, **answered)


def test_no_party_answers_a_check(text: ClauseVersion):
    rule = armed(text, share=100)
    strike(text)
    judged = ActingCheck.objects.get().enforcement.decision_links.get().decision.by

    for party in (rule.written_by, rule.armed_by, judged):
        answered = {"outcome": "right", "reason": "So.", "checked_by": party, "checked_at": clock.now()}
        with pytest.raises(IntegrityError, match="by somebody else"), transaction.atomic():
            ActingCheck.objects.update(**answered)


# ── Twice at once, and killed in between ─────────────────


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_act_once_for_each_and_keep_to_the_cap():
    text = make_clause(recommended=LADDER)
    rule = armed(text, cap=5)
    actors = [make_actor() for _number in range(8)]
    for actor in actors:
        make_finding(actor, clause=text, decided_at=clock.now())

    def sweep(_number: int) -> None:
        while operations.give_strikes(limit=1):
            pass

    assert outcomes_of(sweep, [1, 2]) == [None, None]

    day = ActingRuleDay.objects.get(rule=rule)
    assert (day.acted, day.held_back) == (5, 3)
    assert EnforcementAction.objects.filter(by_rule=rule).count() == 5
    assert sum(len(done_to(actor)) for actor in actors) == 8


@contextmanager
def killed_while_acting() -> Iterator[None]:
    with patch.object(acting, "carry_out", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        yield


@pytest.mark.django_db(transaction=True)
def test_killed_in_between_nothing_stays_behind_and_the_next_sweep_acts_once():
    text = make_clause(recommended=LADDER)
    rule, actor = armed(text), make_actor()
    make_finding(actor, clause=text, decided_at=clock.now())

    with killed_while_acting():
        operations.give_strikes()
    assert done_to(actor) == []
    assert not ActingRuleDay.objects.exists()
    operations.give_strikes()

    assert done_to(actor) == [("warning", "in_force")]
    assert ActingRuleDay.objects.get(rule=rule).acted == 1
