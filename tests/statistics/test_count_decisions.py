"""The rollups: they equal a recount after anything that was decided and taken back, however often they are swept."""

from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import HealthCheck, given, settings, strategies as st

from incidents.review.models import DecisionToCount
from incidents.statistics import operations, queries, tasks
from incidents.statistics.models import DailyCount
from tests.factories import NOW, make_actor, make_alert, make_clause, make_source
from tests.policies.twice import outcomes_of
from tests.statistics.made import make_counted, make_restricted_clause, recount, retract, rollup
from trust.audit.models import AuditEvent

pytestmark = pytest.mark.django_db


def test_a_decision_counts_once_and_each_of_its_violations_once():
    decision = make_counted(violations=[{"severity": 1}, {"severity": 3}])

    tasks.count_decisions()

    kinds = DailyCount.objects.order_by("kind", "severity").values_list("kind", "severity", "count", "actor")
    assert list(kinds) == [
        ("decision", None, 1, decision.item.actor_id),
        ("violation", 1, 1, decision.item.actor_id),
        ("violation", 3, 1, decision.item.actor_id),
    ]
    assert not DecisionToCount.objects.exists()


def test_a_decision_without_a_violation_counts_once():
    make_counted(verdict="benign")

    tasks.count_decisions()

    assert list(DailyCount.objects.values_list("kind", "verdict", "count")) == [("decision", "benign", 1)]


def test_the_day_is_that_of_utc():
    make_counted(verdict="benign", decided_at=datetime(2026, 11, 1, 23, 59, 59, tzinfo=UTC))
    make_counted(verdict="benign", decided_at=datetime(2026, 11, 2, 0, 0, tzinfo=UTC))

    with connection.cursor() as cursor:
        cursor.execute("set time zone 'Asia/Tokyo'")
        tasks.count_decisions()
        cursor.execute("set time zone 'UTC'")

    assert [str(day) for day in DailyCount.objects.order_by("day").values_list("day", flat=True)] == [
        "2026-11-01",
        "2026-11-02",
    ]


def test_the_source_is_that_of_the_first_alert():
    first = make_source()
    decision = make_counted(verdict="benign", source=first)
    make_alert(generation=decision.item.generation, source=make_source())

    tasks.count_decisions()

    assert DailyCount.objects.get().source == first


def test_a_finding_under_a_restricted_policy_makes_the_decision_a_referral_and_its_other_findings_count_on():
    clause = make_clause()
    make_counted(violations=[{"clause": make_restricted_clause()}, {"clause": clause}])

    tasks.count_decisions()

    assert set(DailyCount.objects.values_list("kind", "clause", "count")) == {
        ("referral", None, 1),
        ("violation", clause.clause_id, 1),
    }


def test_counting_again_by_version_keeps_what_was_counted_and_what_is_still_to_count():
    make_counted(violations=[{"severity": 1}, {"severity": 3}])
    taken_back = make_counted()
    make_counted(violations=[{"clause": make_restricted_clause()}, {}])
    make_counted(verdict="benign")
    tasks.count_decisions()
    retract(taken_back)
    make_counted()

    by_version = import_module("incidents.statistics.migrations.0002_count_by_version")
    with connection.cursor() as cursor:
        cursor.execute(by_version.COUNT_AGAIN)

    assert not queries.differences_from_recount()
    tasks.count_decisions()
    assert rollup() == recount()


def test_a_decision_that_was_taken_back_leaves_nothing():
    decision = make_counted()
    tasks.count_decisions()

    retract(decision)
    tasks.count_decisions()

    assert not rollup()


def test_a_retraction_may_be_swept_before_its_decision():
    decision = make_counted()
    DecisionToCount.objects.all().delete()
    retract(decision)
    tasks.count_decisions()

    DecisionToCount.objects.create(decision=decision, weight=1)
    tasks.count_decisions()

    assert not rollup()


def test_a_failure_leaves_the_decision_to_be_counted(monkeypatch):
    make_counted()
    monkeypatch.setattr(operations.facts, "TAKEN", "select broken")

    with pytest.raises(Exception, match="broken"):
        operations.count_some(10)

    assert DecisionToCount.objects.count() == 1


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(st.tuples(st.sampled_from(["decide", "undo", "sweep", "rebuild"]), st.integers(0, 11)), max_size=14)
)
def test_the_rollups_equal_a_recount_after_anything(steps):
    actors = [make_actor(), make_actor()]
    clauses = [make_clause(), make_clause(), make_restricted_clause()]
    source = make_source()
    standing = []
    for step, number in steps:
        if step == "decide":
            violations = [{"clause": clause, "severity": number % 5} for clause in clauses[: number % 4]]
            verdict = "violating" if violations else "benign"
            at = NOW + timedelta(days=number % 3)
            standing.append(
                make_counted(
                    actor=actors[number % 2], source=source, verdict=verdict, violations=violations, decided_at=at
                )
            )
        elif step == "undo" and standing:
            retract(standing.pop(number % len(standing)))
        elif step == "sweep":
            operations.count_some(1 + number)
        elif step == "rebuild":
            operations.rebuild()

    assert not queries.differences_from_recount()
    tasks.count_decisions()
    assert rollup() == recount()


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_count_everything_once():
    actors, clauses = [make_actor() for _ in range(3)], [make_clause() for _ in range(3)]
    for number in range(60):
        make_counted(actor=actors[number % 3], violations=[{"clause": clauses[number // 3 % 3]}])

    outcomes = outcomes_of(lambda limit: [operations.count_some(limit) for _ in range(30)], [2, 3])

    assert sum(map(sum, outcomes)) == 60
    assert rollup() == recount()


@pytest.mark.django_db(transaction=True)
def test_a_rebuild_beside_a_sweep_counts_everything_once():
    for _ in range(20):
        make_counted()

    outcomes = outcomes_of(lambda act: act(), [operations.rebuild, tasks.count_decisions, operations.rebuild])

    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert not queries.differences_from_recount()
    tasks.count_decisions()
    assert rollup() == recount()


def test_rebuilding_mends_what_is_wrong_and_is_recorded():
    make_counted()
    tasks.count_decisions()
    expected = rollup()
    DailyCount.objects.update(count=7)

    operations.rebuild()

    assert rollup() == expected
    assert AuditEvent.objects.filter(kind="statistics.rebuilt").count() == 1


def test_the_check_tells_a_difference_and_changes_nothing(capsys):
    make_counted(verdict="benign")
    tasks.count_decisions()
    DailyCount.objects.update(count=7)

    with pytest.raises(CommandError, match="1 rows differ"):
        call_command("rebuild_statistics", "--check")

    assert "counted 7, recounted 1" in capsys.readouterr().out
    assert DailyCount.objects.get().count == 7


def test_the_check_is_clean_while_decisions_wait_to_be_counted(capsys):
    make_counted()
    tasks.count_decisions()
    make_counted()

    call_command("rebuild_statistics", "--check")

    assert "equal a recount" in capsys.readouterr().out
