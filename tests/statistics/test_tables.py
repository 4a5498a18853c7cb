"""Tables: each shown number is that of a recount, at once, and what is not meant to be seen is not there."""

from datetime import timedelta

import pytest

from incidents.queues.models import Item
from incidents.statistics import queries, tasks
from incidents.statistics.tables import Table
from tests.factories import NOW, make_actor, make_clause, make_source
from tests.statistics.made import DAY, MONDAY, make_counted, make_many, make_restricted_clause, recount, retract, weeks

pytestmark = pytest.mark.django_db

WEEK = timedelta(days=7)


def shown(table: Table) -> dict[tuple[str, str], int | None]:
    rows = [row.key for row in table.rows] + ["total"]
    columns = [column.key for column in table.columns] + ["total"]
    return {(row, column): table.cells[r][c].count for r, row in enumerate(rows) for c, column in enumerate(columns)}


def test_a_table_is_exact_before_anything_is_swept_and_the_same_after():
    clause = make_clause(title="Spam")
    policy = clause.clause.policy.key
    make_many([make_actor(), make_actor()], clause)
    make_many([make_actor()], clause, decided_at=NOW - WEEK)
    cut = weeks(first=MONDAY - WEEK)

    before = queries.table(cut, DAY)
    tasks.count_decisions()
    after = queries.table(cut, DAY)

    assert before == after
    assert shown(after)[(MONDAY.isoformat(), policy)] == 2
    assert shown(after)[((MONDAY - WEEK).isoformat(), policy)] == 1
    assert shown(after)[("total", "total")] == 3


def test_half_swept_and_half_taken_back_is_still_exact():
    clause = make_clause()
    first, *_others = make_many([make_actor(), make_actor()], clause)
    tasks.count_decisions()
    retract(first)
    make_many([make_actor()], clause)

    table = queries.table(weeks(), DAY)

    assert table.total.count == 2
    assert table.total.actors == 2


@pytest.mark.parametrize("across", ["policy", "clause", "severity", "verdict", "source"])
def test_every_cut_adds_up_to_a_recount(across):
    clauses = [make_clause(), make_clause(), make_restricted_clause()]
    sources = [make_source(), make_source()]
    for number in range(12):
        violations = [{"clause": clause, "severity": number % 5} for clause in clauses[: number % 4]]
        make_counted(
            verdict="violating" if violations else ["benign", "no_policy_fits"][number % 2],
            violations=violations,
            source=sources[number % 2],
            decided_at=NOW + timedelta(days=number),
        )
    cut = weeks(across, last=MONDAY + timedelta(days=13))

    table = queries.table(cut, DAY + 2 * WEEK)

    of_kind = {row: count for row, count in recount().items() if row[1] == cut.kind}
    assert table.total.count == sum(of_kind.values())
    for place, row in enumerate(table.rows):
        of_week = [
            count
            for key, count in of_kind.items()
            if (key[0] - timedelta(days=key[0].weekday())).isoformat() == row.key
        ]
        assert table.cells[place][-1].count == sum(of_week)
    for place in range(len(table.columns) + 1):
        assert table.cells[-1][place].count == sum(line[place].count for line in table.cells[:-1])


def test_actors_are_counted_once_in_each_total():
    actor, clause, other = make_actor(), make_clause(), make_clause()
    make_many([actor, actor], clause)
    make_many([actor], other)

    table = queries.table(weeks(), DAY)

    assert table.total.count == 3
    assert table.total.actors == 1


def test_an_actor_whose_decision_was_taken_back_is_not_counted():
    decision = make_counted(verdict="benign")
    tasks.count_decisions()
    retract(decision)

    table = queries.table(weeks("verdict"), DAY)

    assert (table.total.count, table.total.actors) == (0, 0)


def test_restricted_policies_are_in_no_table_but_counted_as_referrals():
    make_many([make_actor()], make_restricted_clause())
    make_counted(verdict="benign")

    tables = [queries.table(weeks(across), DAY) for across in ("policy", "clause", "severity", "verdict")]

    assert [table.total.count for table in tables] == [0, 0, 0, 1]
    assert not [column for table in tables for column in table.columns if "restricted" in column.label]
    assert queries.referrals(weeks()).count == 1


def test_a_policy_that_becomes_restricted_leaves_the_tables_at_once():
    clause = make_clause()
    make_many([make_actor()], clause)
    tasks.count_decisions()
    policy = clause.version.policy
    policy.restricted_category = "child_safety"
    policy.save(update_fields=["restricted_category"])

    assert queries.table(weeks(), DAY).total.count == 0


def test_filters_narrow_the_table():
    clause, source = make_clause(), make_source()
    make_counted(violations=[{"clause": clause, "severity": 3}], source=source)
    make_counted(violations=[{"clause": clause, "severity": 1}])

    of_severity = queries.table(weeks(severity=3), DAY)
    of_source = queries.table(weeks("verdict", source=source.pk), DAY)

    assert of_severity.total.count == 1
    assert of_source.total.count == 1


def test_a_table_takes_the_same_queries_however_much_was_decided(django_assert_num_queries):
    clause = make_clause()
    for number in (2, 60):
        make_many([make_actor() for _ in range(number)], clause)
        with django_assert_num_queries(2):
            queries.table(weeks(), DAY)


def test_weeks_that_have_not_begun_are_no_rows():
    table = queries.table(weeks(last=MONDAY + 5 * WEEK), DAY)

    assert [row.key for row in table.rows] == [MONDAY.isoformat()]


def test_a_suppressed_table_shows_many_and_hides_few():
    few, many, more = make_clause(), make_clause(), make_clause()
    make_many([make_actor() for _ in range(3)], few)
    make_many([make_actor() for _ in range(12)], many)
    make_many([make_actor() for _ in range(30)], more)

    table = queries.table(weeks(), DAY).suppressed()

    numbers = shown(table)
    week = MONDAY.isoformat()
    assert numbers[(week, few.clause.policy.key)] is None
    assert numbers[(week, many.clause.policy.key)] is None
    assert numbers[(week, more.clause.policy.key)] == 30
    assert numbers[(week, "total")] == 45
    assert not [cell for row in table.cells for cell in row if cell.actors is not None]


def test_forty_violations_of_one_actor_are_hidden():
    clause = make_clause()
    make_many([make_actor()] * 12, clause)

    assert queries.table(weeks(), DAY).suppressed().total.is_hidden


def test_the_table_of_items_counts_only_their_standing_decisions():
    clause = make_clause()
    ours, taken_back, _theirs = make_many([make_actor() for _ in range(3)], clause)
    retract(taken_back)

    table = queries.table_of_items(Item.objects.filter(pk__in=[ours.item_id, taken_back.item_id]))

    assert table.total.count == 1
    assert table.suppressed().total.is_hidden


def test_the_table_of_no_items_is_empty():
    table = queries.table_of_items(Item.objects.none())

    assert list(table.rows) == []
    assert table.total.count == 0
