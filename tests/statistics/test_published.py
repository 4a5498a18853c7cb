"""What may be published, on demo-like data: each shown cell is a plain recount, each hidden one follows from the rule
as it is written, and no two tables give away together what each hides."""

import csv
import io
import random
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.urls import reverse

from tests.factories import make_actor, make_clause, make_policy, make_policy_version, make_source, make_user, publish
from tests.statistics.by_the_book import hidden_by_the_book
from tests.statistics.history import Judged, make_decisions
from trust import clock

pytestmark = pytest.mark.django_db

TODAY = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
URL = reverse("statistics:export_csv")

RECOUNTS = {
    "policy": """
        select date_trunc('week', decided_at)::date::text, policy.key, item.actor_id
        from review_violation violation
        join review_decision decision on decision.id = violation.decision_id
        join queues_item item on item.id = decision.item_id
        join policies_clauseversion text on text.id = violation.clause_id
        join policies_clause clause on clause.id = text.clause_id
        join policies_policy policy on policy.id = clause.policy_id
    """,
    "severity": """
        select date_trunc('week', decided_at)::date::text, violation.severity::text, item.actor_id
        from review_violation violation
        join review_decision decision on decision.id = violation.decision_id
        join queues_item item on item.id = decision.item_id
    """,
    "verdict": """
        select date_trunc('week', decided_at)::date::text, decision.verdict, item.actor_id
        from review_decision decision
        join queues_item item on item.id = decision.item_id
    """,
    "source": """
        select date_trunc('week', decided_at)::date::text, source.slug, item.actor_id
        from review_decision decision
        join queues_item item on item.id = decision.item_id
        join intake_alert alert on alert.generation_id = item.generation_id
        join intake_source source on source.id = alert.source_id
    """,
}
STANDING = """
    where not exists (select from review_retraction where decision_id = decision.id)
        and decided_at >= '2026-10-05' and decided_at < '2027-01-04'
"""


@pytest.fixture
def history() -> None:
    """Six weeks of decisions on five policies, from many actors and from a few."""
    dice = random.Random(11)
    clauses = []
    for _ in range(5):
        version = make_policy_version(policy=make_policy(), status="draft", published_at=None)
        clauses.append(make_clause(version=version))
        publish(version)
    actors, sources = [make_actor() for _ in range(70)], [make_source() for _ in range(3)]
    judged = []
    for number in range(700):
        clause = clauses[min(int(dice.paretovariate(0.7)) - 1, 20) % 5]
        judged.append(
            Judged(
                at=TODAY - timedelta(days=42 * (1 - number / 700)),
                actor=dice.choice(actors),
                source=dice.choices(sources, [20, 10, 1])[0],
                clause=clause if dice.random() < 0.7 else None,
                severity=dice.choices(range(5), [1, 9, 9, 9, 2])[0],
                verdict=dice.choice(["benign", "benign", "no_policy_fits"]),
            )
        )
    make_decisions(judged)


def published(client, across: str) -> dict[tuple[str, str], int | None]:
    rows = csv.DictReader(io.StringIO(client.get(URL, {"across": across}).content.decode()))
    counted = "violations" if across in {"policy", "severity"} else "decisions"
    return {(row["week"], row[across]): int(row[counted]) if row[counted] else None for row in rows}


def recounted(across: str, places: list[tuple[str, str]]) -> tuple[list[list[int]], list[list[int]]]:
    """Return counts and distinct actors by plain SQL, in the grid that ``places`` stand in."""
    with connection.cursor() as cursor:
        cursor.execute(RECOUNTS[across] + STANDING)
        rows = cursor.fetchall()
    weeks, columns = list(dict.fromkeys(week for week, _ in places)), list(dict.fromkeys(name for _, name in places))
    found = [
        [
            [actor for at, name, actor in rows if week in (at, "total") and column in (name, "total")]
            for column in columns
        ]
        for week in weeks
    ]
    return [[len(cell) for cell in line] for line in found], [[len(set(cell)) for cell in line] for line in found]


@pytest.mark.usefixtures("history")
def test_every_shown_cell_is_a_recount_and_every_hidden_one_follows_from_the_rule(client):
    client.force_login(make_user(role="analyst"))
    shown = hidden = 0
    with clock.at(TODAY):
        tables = {across: published(client, across) for across in RECOUNTS}

    for across, cells in tables.items():
        places = list(cells)
        counts, actors = recounted(across, places)
        width = len(counts[0])
        to_hide = hidden_by_the_book(counts, actors)
        for number, place in enumerate(places):
            row, column = divmod(number, width)
            expected = None if (row, column) in to_hide else counts[row][column]
            assert cells[place] == expected, (across, place)
            shown, hidden = shown + (expected is not None), hidden + (expected is None)

    assert shown >= 60
    assert hidden >= 5
    for one, other in (("policy", "severity"), ("verdict", "source")):
        of_weeks = [
            {place[0]: count for place, count in tables[name].items() if place[1] == "total"} for name in (one, other)
        ]
        assert of_weeks[0] == of_weeks[1]
