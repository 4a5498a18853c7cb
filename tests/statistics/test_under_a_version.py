"""Decisions read under a chosen version: numbers equal a recount in plain SQL, and what is not covered stands apart."""

import json
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings, strategies as st

from incidents.impact.carrying import Apart
from incidents.statistics import exports, queries, tasks
from incidents.statistics.periods import Period
from incidents.statistics.tables import Across, Cut, Table
from tests.factories import NOW, make_actor, make_policy, make_user
from tests.impact.histories import BEGAN, History
from tests.statistics.made import DAY, make_counted, make_restricted_clause, retract
from tests.statistics.test_pages import CSV, JSON, PAGE, rows_of
from trust import clock

pytestmark = pytest.mark.django_db

# Each finding that stands goes from version to version of its policy; written apart from the code that is tested.
RECOUNT = """
    with recursive finding as (
        select v.id, t.clause_id as cited, p.number as began, d.by_id, i.actor_id
        from review_violation v
        join review_decision d on d.id = v.decision_id
        join queues_item i on i.id = d.item_id
        join policies_clauseversion t on t.id = v.clause_id
        join policies_policyversion p on p.id = t.version_id and p.policy_id = %(policy)s
        where not exists (select from review_retraction r where r.decision_id = d.id)
    ), walk as (
        select id, cited, actor_id, began, began as number, cited as clause from finding
        union all
        select w.id, w.cited, w.actor_id, w.began, w.number + 1, case
            when exists (select from policies_clauseversion t where t.version_id = p.id and t.clause_id = w.clause)
            then w.clause else coalesce((select m.successor_id from impact_mark m
                where m.version_id = p.id and m.clause_id = w.clause order by m.id desc limit 1), w.clause) end
        from walk w join policies_policyversion p on p.policy_id = %(policy)s and p.number = w.number + 1
        where w.number < %(number)s
    ), ended as (
        select distinct on (id) * from walk order by id, number desc
    )
    select case when covered then (select key from policies_clause where id = clause) end,
        case when covered then '' when began > %(number)s then 'not-covered-yet' else 'no-longer-covered' end,
        case when not covered then (select key from policies_clause where id = cited) end,
        count(*), count(distinct actor_id)
    from (select ended.*, exists (
        select from policies_clauseversion t join policies_policyversion p on p.id = t.version_id
        where p.policy_id = %(policy)s and p.number = %(number)s and t.clause_id = ended.clause) as covered
        from ended) e
    group by 1, 2, 3
"""


def recounted(made: History, number: int) -> Counter[tuple[str, str, int]]:
    """Return how many findings of how many actors lead to each clause, or, of each clause, to none and why."""
    with connection.cursor() as cursor:
        cursor.execute(RECOUNT, {"policy": made.policy.pk, "number": number})
        return Counter((led or cited, why, count, actors) for led, why, cited, count, actors in cursor.fetchall())


def under(made: History, number: int, across: Across = Across.CLAUSE, **filters) -> Cut:
    return Cut(Period.MONTH, across, BEGAN.date(), DAY, filters, under=made.versions[number - 1])


def shown(table: Table) -> Counter[tuple[str, str, int]]:
    covered = [
        (column.key, "", cell.count, cell.actors) for column, cell in zip(table.columns, table.cells[-1], strict=False)
    ]
    apart = [(one.clause.key, one.why.value, one.cell.count, one.cell.actors) for one in table.not_covered]
    return Counter([*covered, *apart])


@pytest.fixture
def made() -> History:
    """Version 1 has a, b, c, x; 2 merges a and b into m and drops c without a word; 3 has n in place of m, and y."""
    made = History(make_policy(key="spam"))
    made.add("abcx", day=1)
    made.add("mx", [("a", "m"), ("b", "m")], day=100)
    made.add("nxy", [("m", "n")], day=200)
    actor = make_actor()
    for number, names in ((1, "aabcx"), (2, "mx"), (3, "nyy")):
        for place, name in enumerate(names):
            at = BEGAN + timedelta(days=100 * number - 50 + place)
            finding = {"clause": made.text(name, number), "severity": place % 5}
            make_counted(violations=[finding], decided_at=at, actor=actor if place else make_actor())
    make_counted(verdict="benign", decided_at=NOW)
    make_counted(violations=[{}], decided_at=NOW)
    return made


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_chain_of_versions_with_clauses_that_merge_equals_a_recount_before_and_after_a_sweep(made, number):
    before = queries.table(under(made, number), DAY)
    tasks.count_decisions()
    after = queries.table(under(made, number), DAY)

    assert before == after
    assert shown(after) == recounted(made, number)


def test_what_was_merged_is_one_column_and_what_was_dropped_stands_apart(made):
    table = queries.table(under(made, 3), DAY)

    assert {column.key: cell.count for column, cell in zip(table.columns, table.cells[-1], strict=False)} == {
        "spam.n": 5, "spam.x": 2, "spam.y": 2,
    }  # fmt: skip
    assert [(one.clause.key, one.why, one.cell.count) for one in table.not_covered] == [("spam.c", Apart.GONE, 1)]
    assert table.total.count == 9


def test_one_decision_with_two_findings_that_were_merged_has_two_findings_of_one_actor(made):
    tasks.count_decisions()
    twice = [{"clause": made.text("a", 1)}, {"clause": made.text("b", 1)}]
    decision = make_counted(violations=twice, decided_at=BEGAN + timedelta(days=40))

    assert shown(queries.table(under(made, 3), DAY)) == recounted(made, 3)
    retract(decision)
    assert shown(queries.table(under(made, 3), DAY)) == recounted(made, 3)


def test_another_cut_counts_the_same_and_filters_narrow_what_stands_apart_as_well(made):
    by_severity = queries.table(under(made, 3, Across.SEVERITY), DAY)
    narrowed = queries.table(under(made, 3, severity=3), DAY)
    of_clause = queries.table(under(made, 3, clause=made.clause("n").pk), DAY)

    assert by_severity.total.count == 9
    assert [one.clause.key for one in by_severity.not_covered] == ["spam.c"]
    assert (narrowed.total.count, len(narrowed.not_covered)) == (0, 1)
    assert (of_clause.total.count, of_clause.not_covered) == (5, [])


def test_what_is_followed_by_a_restricted_clause_is_in_no_number():
    made, restricted = History(make_policy()), make_restricted_clause()
    made.add("ab", day=1)
    made.add("b", [("a", restricted.clause)], day=2)
    for name in "ab":
        make_counted(violations=[{"clause": made.text(name, 1)}], decided_at=BEGAN + timedelta(days=1))

    table = queries.table(under(made, 2), DAY)

    assert (table.total.count, table.not_covered) == (1, [])


NAME = st.sampled_from("abcd")
VERSIONS = st.lists(
    st.tuples(st.sets(NAME, min_size=1), st.dictionaries(NAME, NAME)),
    min_size=1,
    max_size=4,
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(versions=VERSIONS, data=st.data())
def test_any_history_equals_a_recount(versions, data):
    made = History(make_policy())
    for day, (names, follows) in enumerate(versions, start=1):
        one_step = [(gone, after) for gone, after in follows.items() if after in names]
        made.add("".join(sorted(names)), one_step, day=day)
    cited = [(name, number) for number, (names, _follows) in enumerate(versions, start=1) for name in sorted(names)]
    for name, number in data.draw(st.lists(st.sampled_from(cited), max_size=5)):
        made_at = BEGAN + timedelta(days=number, hours=12)
        make_counted(violations=[{"clause": made.text(name, number)}], decided_at=made_at)

    for number in range(1, len(versions) + 1):
        assert shown(queries.table(under(made, number), DAY)) == recounted(made, number)


class TestPages:
    @pytest.fixture(autouse=True)
    def _analyst(self, client):
        client.force_login(make_user(role="analyst"))
        with clock.at(NOW):
            yield

    QUERY = {"under": "spam/3", "from": BEGAN.date().isoformat()}

    def test_the_page_says_what_is_covered_and_lists_apart_what_is_not(self, client, made):
        response = client.get(PAGE, self.QUERY)

        assert response.context["explorer"].table.cut.across == Across.CLAUSE
        assert response.context["explorer"].table.total.count == 9
        assert "Not covered by this version" in response.text
        assert "under=spam%2F3" in response.context["downloads"]["exact_csv"]
        assert all("under=spam%2F3" in bar.url for bar in response.context["explorer"].bars.bars)
        assert "Not covered by this version" not in client.get(PAGE).text

    def test_the_files_say_the_same(self, client, made):
        rows = rows_of(client.get(CSV, {**self.QUERY, "view": "exact"}))
        document = json.loads(client.get(JSON, {**self.QUERY, "view": "exact"}).content)

        apart = [row for row in rows if row["week"] == "no-longer-covered"]
        assert [(row["clause"], row["violations"], row["actors"]) for row in apart] == [("spam.c", "1", "1")]
        assert document["filters"] == {"under": "spam/3"}
        assert document["not_covered"] == [{"clause": "spam.c", "why": "no-longer-covered", "count": 1, "actors": 1}]
        assert exports.document_of(queries.table(under(made, 3), DAY))["not_covered"] == document["not_covered"]

    @pytest.mark.parametrize("wrong", ["spam/9", "spam", "tea/1"])
    def test_a_version_that_was_never_in_force_is_refused(self, client, made, wrong):
        assert client.get(PAGE, {"under": wrong}).status_code == 400

    def test_what_may_be_published_is_not_carried_over(self, client, made):
        assert client.get(CSV, {"under": "spam/3"}).status_code == 400

    def test_it_takes_the_same_queries_with_few_versions_and_with_many(self, client, django_assert_num_queries):
        made, day = History(make_policy(key="spam")), 0
        for number in (2, 20):
            for _version in range(number):
                day += 1
                made.add("ax" if day % 2 else "bx", [("a", "b") if day % 2 == 0 else ("b", "a")], day=day)
                make_counted(violations=[{"clause": made.text("x", day)}], decided_at=NOW)
            with django_assert_num_queries(12):
                client.get(PAGE, {"under": f"spam/{day}", "from": BEGAN.date().isoformat()})
