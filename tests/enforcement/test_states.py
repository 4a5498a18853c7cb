"""The table of states: none is forgotten, and each rule lets through exactly what the table does."""

from collections.abc import Callable

import pytest

from incidents.enforcement import kinds, rules
from incidents.enforcement.models import EnforcementAction
from incidents.enforcement.operations import state
from policies.vocabulary import EnforcementKind, Standing
from tests.factories import make_enforcement, make_user
from trust.accounts.models import User

Status = EnforcementAction.Status
Rule = Callable[[EnforcementAction, User], str | None]

LEADS_TO: list[tuple[Rule, str]] = [
    (rules.refusal_to_adopt, Status.PROPOSED),
    (rules.refusal_to_approve, Status.SCHEDULED),
    (rules.refusal_to_decline, Status.DECLINED),
    (rules.refusal_to_reverse, Status.REVERSED),
    (rules.refusal_to_withdraw, Status.WITHDRAWN),
]


def test_every_status_has_its_transitions():
    assert set(rules.TRANSITIONS) == set(Status)


def test_every_status_is_open_ahead_running_or_ended():
    groups = [*EnforcementAction.OPEN, *EnforcementAction.AHEAD, *EnforcementAction.RUNNING, *EnforcementAction.ENDED]

    assert sorted(groups) == sorted(Status)


def test_what_has_ended_leads_nowhere():
    assert not any(rules.TRANSITIONS[status] for status in EnforcementAction.ENDED)


def test_all_that_runs_can_expire_and_be_reversed():
    assert all({Status.EXPIRED, Status.REVERSED} <= rules.TRANSITIONS[status] for status in EnforcementAction.RUNNING)


@pytest.mark.parametrize(("rule", "to"), LEADS_TO, ids=[to for _rule, to in LEADS_TO])
@pytest.mark.parametrize("status", Status.values)
def test_a_rule_lets_through_what_the_table_does(rule: Rule, to: str, status: str):
    lead = User(pk=1, roles=["lead"])
    enforcement = EnforcementAction(status=status, kind="suspension", proposed_by_id=2)

    assert (rule(enforcement, lead) is None) == (to in rules.TRANSITIONS[status])


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["in_force", "expired", "proposed"])
def test_a_step_outside_the_table_is_a_mistake(status: str):
    enforcement = make_enforcement()

    with pytest.raises(ValueError, match="does not lead to"):
        state.move(enforcement, status, approved_by=make_user())


def test_every_kind_stands_in_the_table():
    assert set(kinds.KINDS) == set(EnforcementKind)


@pytest.mark.parametrize(
    ("running", "standing"),
    [
        ([], Standing.GOOD),
        (["notice"], Standing.GOOD),
        (["referral"], Standing.GOOD),
        (["warning"], Standing.WARNED),
        (["quota", "warning"], Standing.LIMITED),
        (["rate_limit"], Standing.LIMITED),
        (["feature_block"], Standing.LIMITED),
        (["suspension", "notice", "quota"], Standing.SUSPENDED),
        (["suspension", "ban"], Standing.BANNED),
    ],
)
def test_the_standing_is_the_worst_of_what_runs(running: list[str], standing: Standing):
    assert kinds.standing_under(running) == standing


@pytest.mark.parametrize(
    ("base", "strikes", "kind"),
    [
        (None, 0, None),
        (None, 2, None),
        (None, 3, "notice"),
        ("notice", 1, "notice"),
        ("notice", 3, "warning"),
        ("warning", 6, "quota"),
        ("suspension", 3, "ban"),
        ("suspension", 99, "ban"),
        ("ban", 9, "ban"),
        ("referral", 0, "referral"),
        ("referral", 9, "referral"),
    ],
)
def test_three_strikes_climb_one_rung_and_never_to_a_referral(base: str | None, strikes: int, kind: str | None):
    assert rules.recommended_kind(EnforcementKind(base) if base else None, strikes) == kind
