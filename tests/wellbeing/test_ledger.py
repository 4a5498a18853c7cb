"""The ledger: what a reveal writes, that its sums are true, and that nobody but its owner sees it."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings, strategies as st

from incidents.wellbeing import operations, queries
from incidents.wellbeing.models import Exposure, ExposureDay, Pace, TeamWeek
from tests.factories import NOW, make_api_key, make_queue, make_round, make_user
from tests.wellbeing.factories import make_category, make_expected, make_limits, reveal
from trust import clock
from trust.accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewer() -> User:
    return make_user()


def seen(item: int, severity: int = 3, *categories: int) -> operations.Seen:
    return operations.Seen(item, severity, categories)


def note(item: int, *, at: float, by: User, seconds: int = 0, severity: int = 3) -> None:
    """Note an exposure ``at`` seconds after nine o'clock."""
    with clock.at(NOW + timedelta(seconds=at)):
        operations.note_exposure(seen(item, severity), seconds=seconds, by=by)


def test_a_reveal_is_a_line_with_what_was_expected_and_its_weight(reviewer):
    category = make_category()
    waiting = make_expected(make_queue(), 4, category)

    reveal(waiting, by=reviewer)

    line = Exposure.objects.get()
    assert (line.person, line.item_id, line.severity, line.categories) == (
        reviewer,
        waiting.item_id,
        4,
        [category.pk],
    )
    assert (line.weight, line.is_reveal, line.seconds) == (16, True, 0)


def test_an_item_counts_once_a_day_and_its_seconds_add_up(reviewer):
    note(1, at=0, by=reviewer)
    note(1, at=40, seconds=40, by=reviewer)
    note(1, at=50, by=reviewer)
    note(1, at=70, seconds=20, by=reviewer)

    day = ExposureDay.objects.get()
    assert (day.items, day.seconds, day.weighted) == ([0, 0, 0, 1, 0], [0, 0, 0, 60, 0], 8)


def test_two_windows_never_make_more_time_than_there_was(reviewer):
    note(1, at=0, by=reviewer)
    note(2, at=0, by=reviewer)
    note(1, at=30, seconds=30, by=reviewer)
    note(2, at=30, seconds=30, by=reviewer)

    assert sum(ExposureDay.objects.get().seconds) == 30


def test_one_message_of_a_browser_adds_five_minutes_at_most(reviewer):
    note(1, at=0, by=reviewer)
    note(1, at=3600, seconds=3600, by=reviewer)

    assert sum(ExposureDay.objects.get().seconds) == 300


def test_seconds_without_a_reveal_before_them_count_the_item_and_no_time(reviewer):
    note(1, at=0, seconds=60, by=reviewer)

    day = ExposureDay.objects.get()
    assert (sum(day.items), sum(day.seconds)) == (1, 0)


EVENTS = st.lists(
    st.tuples(st.integers(1, 5), st.integers(0, 4), st.integers(0, 20_000), st.integers(0, 400)), max_size=25
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=EVENTS)
def test_sums_equal_a_recount_of_the_lines(events):
    with transaction.atomic():
        person, at = make_user(time_zone="America/New_York"), 0
        for item, severity, pause, seconds in events:
            at += pause
            note(item, severity=severity, at=at, seconds=seconds, by=person)

        lines = list(Exposure.objects.filter(person=person))
        with clock.at(NOW + timedelta(seconds=at)):
            ledger = queries.ledger_of(person, clock.now())
        days = ExposureDay.objects.filter(person=person)
        assert sum(sum(day.items) for day in days) == sum(line.is_reveal for line in lines)
        assert sum(sum(day.seconds) for day in days) == sum(line.seconds for line in lines)
        assert sum(day.weighted for day in days) == sum(line.weight for line in lines if line.is_reveal)
        for day in days:
            own = [line for line in lines if line.day == day.day]
            assert day.items == [Counter(line.severity for line in own if line.is_reveal)[level] for level in range(5)]
        today = queries.day_of(person, NOW + timedelta(seconds=at))
        assert ledger.today.count == sum(line.is_reveal for line in lines if line.day == today)
        connection.needs_rollback = False
        transaction.set_rollback(True)


def test_a_usual_week_is_the_median_of_ones_own(reviewer):
    for weeks, items in ((1, 1), (2, 3), (3, 5)):
        with clock.at(NOW - timedelta(weeks=weeks)):
            for number in range(items):
                operations.note_exposure(seen(100 * weeks + number, 2), seconds=0, by=reviewer)

    usual = queries.ledger_of(reviewer, NOW).usual

    assert (usual.count, usual.weighted) == (3, 12)


# ── It is kept, and it goes ──────────────────────────────


@pytest.mark.parametrize("change", ["update wellbeing_exposure set seconds = 1", "delete from wellbeing_exposure"])
def test_no_line_is_changed_or_taken_out(reviewer, change):
    with clock.at(timezone.now() - timedelta(days=179)):
        operations.note_exposure(seen(1), seconds=0, by=reviewer)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)

    assert Exposure.objects.exists()


def test_lines_and_sums_go_after_half_a_year(reviewer):
    for days in (200, 10):
        with clock.at(timezone.now() - timedelta(days=days)):
            operations.note_exposure(seen(days), seconds=0, by=reviewer)

    while operations.forget_old():
        pass

    assert list(Exposure.objects.values_list("item_id", flat=True)) == [10]
    assert ExposureDay.objects.count() == 1


# ── Nobody else's ────────────────────────────────────────

PAGES = ["/wellbeing/", "/wellbeing/choices/", "/wellbeing/team/", "/wellbeing/everyone/"]


@pytest.mark.parametrize("role", ["lead", "admin", "auditor", "analyst", "policy_editor"])
def test_no_address_and_no_filter_shows_one_persons_ledger_to_another(client, role):
    watched = make_user(name="Ana Ruiz", email="ana@example.org")
    category = make_category(title="Unwanted")
    held = make_round(expected_severity=4, categories=[category.pk])
    reveal(held, by=watched)
    operations.opt_out([category.pk], by=watched)
    operations.limit_oneself({"severe_from": 2, "day_items_hard": 4321}, by=watched)
    client.force_login(make_user(role=role))
    names = {"person": watched.pk, "by": watched.pk, "user": watched.pk, "id": watched.pk, "q": "Ana"}

    for page in [*PAGES, f"/wellbeing/{watched.pk}/", f"/wellbeing/team/{watched.pk}/"]:
        answer = client.get(page, names)
        text = answer.content.decode()
        assert answer.status_code in {200, 400, 403, 404}
        assert f"Item {held.item_id}" not in text
        assert "4321" not in text
        assert "Ana Ruiz" not in text
        assert f'value="{category.pk}" checked' not in text


def test_no_scope_of_the_api_names_exposure(client):
    _key, text = make_api_key("queues:read")
    schema = client.get("/api/schema/", headers={"Authorization": f"Bearer {text}"}).content.decode()

    assert "/api/v1/queues:" in schema
    assert [line for line in schema.splitlines() if line.startswith("  /") and "expos" in line] == []
    assert "/wellbeing" not in schema


# ── Sums of five and more ────────────────────────────────


def expose(people: int, *, role: str = "reviewer", severity: int = 1, first: int = 0) -> None:
    for number in range(people):
        person = make_user(role=role)
        with clock.at(NOW - timedelta(weeks=1)):
            operations.note_exposure(seen(first + number + 1, severity), seconds=0, by=person)


def close_weeks() -> TeamWeek:
    with clock.at(NOW + timedelta(days=1, hours=1)):
        operations.close_weeks()
    return TeamWeek.objects.get(monday=(NOW - timedelta(weeks=1)).date())


@pytest.mark.parametrize(("people", "items"), [(4, None), (5, 5)])
def test_a_sum_is_told_from_five_people_on(people, items):
    expose(people)

    assert close_weeks().items == items


def test_leads_are_not_among_those_who_are_summed_since_they_know_their_own_share():
    expose(4)
    expose(3, role="lead")

    assert close_weeks().items is None


@pytest.mark.parametrize(("severe", "light", "told"), [(5, 5, 5), (5, 0, 5), (0, 6, 0), (5, 1, None), (1, 5, None)])
def test_a_part_is_told_only_when_it_and_what_is_left_are_of_five_people(severe, light, told):
    expose(severe, severity=3)
    expose(light, severity=1, first=100)

    week = close_weeks()

    assert week.items == severe + light
    assert week.severe_items == told


def test_a_week_that_was_told_never_changes():
    expose(5)
    week = close_weeks()
    expose(1)

    assert close_weeks().items == week.items
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        TeamWeek.objects.update(items=6)


def test_a_week_is_told_a_day_after_its_end():
    expose(5)
    with clock.at(NOW - timedelta(hours=1)):
        operations.close_weeks()

    assert not TeamWeek.objects.filter(items__isnull=False).exists()


# ── Breaks ───────────────────────────────────────────────


def test_a_break_is_due_after_fifty_minutes_of_content_and_not_after_a_break(reviewer):
    note(1, at=0, by=reviewer)
    for minute in range(1, 51):
        note(1, at=60 * minute, seconds=60, by=reviewer)

    def sentences(at: float) -> list[str]:
        with clock.at(NOW + timedelta(seconds=at)):
            return operations.rules.sentences_after_item(queries.standing_of(reviewer, clock.now()), clock.now())

    assert sentences(3001) == ["50 minutes of content since your last break."]
    with clock.at(NOW + timedelta(seconds=3002)):
        operations.start_break(by=reviewer)
    assert sentences(3003)
    assert sentences(3002 + 300) == []
    note(2, at=3400, by=reviewer)
    assert Pace.objects.get().seconds_since_break == 0


def test_soft_limits_are_told_at_the_end_of_an_item(reviewer):
    make_limits(day_items_soft=2, row_items_soft=2, severe_from=3)
    note(1, at=0, by=reviewer)
    with clock.at(NOW):
        assert operations.rules.sentences_after_item(queries.standing_of(reviewer, NOW), NOW) == []
    note(2, at=10, by=reviewer)

    with clock.at(NOW + timedelta(seconds=10)):
        told = operations.rules.sentences_after_item(queries.standing_of(reviewer, clock.now()), clock.now())

    assert told == [
        "2 items of S3 and up today; the mark is 2.",
        "2 items of S3 and up in a row; the mark is 2.",
    ]
