"""The rollups follow what reviewers do through review's own operations: decide, take back, decide anew."""

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from incidents.review import operations as review
from incidents.review.findings import Finding
from incidents.statistics import operations, queries, tasks
from tests.factories import make_clause, make_round, make_user
from tests.statistics.made import recount, rollup

pytestmark = pytest.mark.django_db

ACTS = st.sampled_from(["violating", "benign", "cannot_judge", "undo", "sweep"])


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.tuples(ACTS, st.integers(0, 2)), max_size=12))
def test_the_rollups_equal_a_recount_of_what_was_judged(acts):
    reviewer, clause = make_user(), make_clause()
    rounds = [make_round(lease_by=reviewer) for _ in range(3)]
    decisions = {}
    for act, number in acts:
        if act == "sweep":
            operations.count_some(1 + number)
        elif act == "undo" and number in decisions:
            rounds[number] = review.undo(decisions.pop(number), by=reviewer)
        elif act != "undo" and number not in decisions:
            held = rounds[number]
            findings = [Finding(clause=clause.clause.key, severity=number, side="prompt")] if act == "violating" else []
            decisions[number] = review.decide(held, fence=held.fence, verdict=act, findings=findings, by=reviewer)

    assert not queries.differences_from_recount()
    tasks.count_decisions()
    assert rollup() == recount()
