"""Volumes, lateness, categories and thresholds: exact at once, the same after sweeps, however they fall."""

from collections import Counter
from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings, strategies as st

from incidents.intake import operations as intake
from incidents.intake.models import Alert, ArrivalsToCount, DetectorVersion
from incidents.quality import operations, queries, tasks
from incidents.quality.migrations import __name__ as migrations
from incidents.quality.models import ArrivalCount, Category, CategoryDay, CategoryOfSource, ThresholdSet
from tests.factories import NOW
from tests.intake.native import full, native
from tests.policies.twice import outcomes_of
from trust import clock

pytestmark = pytest.mark.django_db


def send(*alerts, source="gateway", at=NOW):
    with clock.at(at):
        return intake.accept(list(alerts), source=source)


def came(seconds: float, **fields):
    return native(occurred_at=(NOW - timedelta(seconds=seconds)).isoformat(), **fields)


def rolled_up():
    return sorted(
        map(str, ArrivalCount.objects.values_list("day", "source", "kind", "is_flagged", "lateness", "alerts"))
    )


def test_a_body_leaves_one_narrow_row_and_is_counted_at_once():
    send(came(2), came(2), came(7, flagged=["spam"]))

    assert ArrivalsToCount.objects.count() == 1
    volume = queries.volumes("kind")["detector"]
    assert (volume.alerts, volume.flagged) == (3, 1)
    assert (volume.median(), volume.late()) == ("under 5 s", "under 15 s")


def test_a_sweep_changes_no_number():
    send(came(2), came(90_000, flagged=["spam"]), came(10**7), full())
    send(came(2), source="other")
    before = {by: queries.volumes(by) for by in ("kind", "source_id", "detector_version_id", "day")}

    tasks.count_arrivals()

    assert {by: queries.volumes(by) for by in before} == before
    assert not ArrivalsToCount.objects.exists()


def test_repeats_and_rejected_records_are_not_counted():
    alert = came(2)
    send(alert)

    send(alert, {"external_id": "x"})

    assert queries.volumes("kind")["detector"].alerts == 1


def test_a_category_is_listed_with_how_often_when_and_from_whom():
    said = {"taxonomy": {"name": "ours", "version": "1"}}
    send(came(2, flagged=["spam"], **said), came(2, labels={"fraud": True, "hate": False}, **said))
    tasks.count_arrivals()
    send(came(2, flagged=["spam"], **said), source="other", at=NOW + timedelta(days=1))

    tasks.count_arrivals()

    rows = Category.objects.order_by("name").values_list("taxonomy", "taxonomy_version", "name", "alerts", "last_at")
    assert list(rows) == [("ours", "1", "fraud", 1, NOW), ("ours", "1", "spam", 2, NOW + timedelta(days=1))]
    assert list(CategoryDay.objects.filter(category__name="spam").order_by("day").values_list("day", "alerts")) == [
        (NOW.date(), 1),
        ((NOW + timedelta(days=1)).date(), 1),
    ]
    assert sorted(CategoryOfSource.objects.values_list("category__name", "source__slug", "alerts")) == [
        ("fraud", "gateway", 1),
        ("spam", "gateway", 1),
        ("spam", "other", 1),
    ]


def test_thresholds_are_kept_once_with_when_they_came_first_and_last():
    detector = {"name": "filter", "version": "3"}
    for day, thresholds in enumerate([{"a": 0.5, "b": 1}, {"b": 1, "a": 0.5}, {"a": 0.7}, {"a": 0.5, "b": 1}]):
        send(came(2, detector=detector, thresholds=thresholds), at=NOW + timedelta(days=day))
        tasks.count_arrivals()

    rows = ThresholdSet.objects.order_by("first_at").values_list("thresholds", "alerts", "first_at", "last_at")
    assert list(rows) == [
        ({"a": 0.5, "b": 1}, 3, NOW, NOW + timedelta(days=3)),
        ({"a": 0.7}, 1, NOW + timedelta(days=2), NOW + timedelta(days=2)),
    ]


def test_a_version_that_sends_other_thresholds_each_time_is_followed_no_further_than_a_hundred():
    detector = {"name": "filter", "version": "3"}
    for _time in range(2):
        send(*(came(2, detector=detector, thresholds={"a": number}) for number in range(80 * _time, 80 * _time + 80)))
        tasks.count_arrivals()

    assert ThresholdSet.objects.count() == 100


def test_what_was_there_before_is_counted_by_the_migration():
    send(came(2), came(90_000, flagged=["spam"], labels={"spam": True, "fraud": True}), came(10**7), full())
    send(came(2), source="other")
    tasks.count_arrivals()
    expected = (rolled_up(), sorted(map(str, Category.objects.values_list("name", "alerts", "first_at"))))
    sets = threshold_sets()
    for model in (ArrivalCount, CategoryDay, CategoryOfSource, Category, ThresholdSet):
        model.objects.all().delete()

    with connection.cursor() as cursor:
        cursor.execute(import_module(f"{migrations}.0002_count_what_was_there").COUNT)

    assert (rolled_up(), sorted(map(str, Category.objects.values_list("name", "alerts", "first_at")))) == expected
    assert threshold_sets() == sets


def threshold_sets():
    rows = ThresholdSet.objects.order_by("pk").values_list("thresholds", "digest", "alerts")
    return [(thresholds, bytes(digest), alerts) for thresholds, digest, alerts in rows]


ARRIVING = st.tuples(st.sampled_from(["detector", "user_report"]), st.integers(0, 10**7), st.booleans())


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(ARRIVING | st.integers(1, 3), max_size=15))
def test_volumes_equal_a_recount_after_anything(steps):
    for step in steps:
        if isinstance(step, int):
            operations.count_arrivals(step)
        else:
            kind, seconds, is_flagged = step
            send(came(seconds, kind=kind, flagged=["spam"] if is_flagged else []))

    counted = {kind: (volume.alerts, volume.flagged) for kind, volume in queries.volumes("kind").items()}
    kinds = Counter(Alert.objects.values_list("kind", flat=True))
    flagged = Counter(Alert.objects.exclude(flagged=[]).values_list("kind", flat=True))
    assert counted == {kind: (count, flagged[kind]) for kind, count in kinds.items()}


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_count_everything_once():
    for _number in range(20):
        send(came(2, flagged=["spam"]), full(external_id=f"x-{_number}"))

    outcomes = outcomes_of(lambda limit: [operations.count_arrivals(limit) for _ in range(20)], [1, 2])

    assert sum(map(sum, outcomes)) == 20
    assert sum(ArrivalCount.objects.values_list("alerts", flat=True)) == 40
    assert DetectorVersion.objects.count() == 1


def test_a_failure_leaves_what_came_in_to_be_counted(monkeypatch):
    send(came(2))
    monkeypatch.setattr(operations, "_COUNT_ARRIVALS", "select broken")

    with pytest.raises(Exception, match="broken"):
        operations.count_arrivals(10)

    assert ArrivalsToCount.objects.count() == 1
