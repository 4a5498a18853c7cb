"""Gaps that were there before events and days were kept: migrations tell of them what their rows say."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection

from incidents.guidance.models import Member
from incidents.queues.models import Round
from incidents.review.models import Retraction
from policies.models import GapDay, PolicyGap
from tests.factories import NOW, make_clause, make_user
from tests.guidance.factories import make_suggestion, make_unfit
from trust import clock
from trust.audit.operations import record

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def run(module: str, name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(getattr(import_module(module), name))


def test_events_are_told_from_the_times_of_a_gap_and_its_audit():
    text = make_clause()
    told = {"clause": text.clause, "opened_at": NOW - 3 * DAY, "last_seen_at": NOW}
    covered = PolicyGap.objects.create(
        title="Verses", status="covered", drafted_at=NOW - DAY, published_at=text.version.published_at, **told
    )
    closed = PolicyGap.objects.create(
        title="Odes", status="not_a_violation", opened_at=NOW - 3 * DAY, last_seen_at=NOW - 2 * DAY
    )
    with clock.at(NOW - DAY):
        record("policy_gap.closed", on=[closed], by=make_user(role="policy_editor"), reason="Harmless.")

    run("policies.migrations.0007_tell_of_gaps_before", "TELL")

    covered.refresh_from_db()
    assert (covered.covered_by, covered.first_seen_at) == (text.version, NOW - 3 * DAY)
    assert list(covered.events.order_by("pk").values_list("kind", "at", "clause_key", "version_number")) == [
        ("opened", NOW - 3 * DAY, "", None),
        ("drafted", NOW - DAY, text.clause.key, None),
        ("covered", text.version.published_at, text.clause.key, text.version.number),
    ]
    assert list(closed.events.order_by("pk").values_list("kind", "at", "reason")) == [
        ("opened", NOW - 3 * DAY, ""),
        ("closed", NOW - DAY, "Harmless."),
    ]


def test_finds_are_counted_by_day_and_expected_severity_but_for_those_taken_back():
    gap = PolicyGap.objects.create(title="Verses", opened_at=NOW, last_seen_at=NOW, items=3)
    for severity in (2, 2, 3):
        decision = make_unfit(gap=gap, decided_at=NOW)
        Round.objects.filter(pk=decision.round_id).update(expected_severity=severity)
    Retraction.objects.create(decision=decision, by=decision.by, at=NOW)
    joined = make_unfit(decided_at=NOW - DAY)
    suggestion = make_suggestion(joined, status="taken", gap=gap, settled_by=make_user(), settled_at=NOW)
    Member.objects.filter(suggestion=suggestion).update(is_joined=True)

    run("incidents.guidance.migrations.0002_count_finds_by_day", "COUNT")

    days = GapDay.objects.filter(gap=gap).order_by("day").values_list("day", "severity", "items")
    assert list(days) == [((NOW - DAY).date(), 0, 1), (NOW.date(), 2, 2)]
    gap.refresh_from_db()
    assert gap.highest_severity == 2
