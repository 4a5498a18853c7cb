"""How long gaps take: medians over every clock, checked against times that were made up."""

from datetime import timedelta

import pytest
from django.urls import reverse

from policies import gap_times, operations
from policies.models import GapEvent, PolicyGap
from tests.factories import NOW, make_user
from trust import clock

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
FIRST, LAST = (NOW - 30 * DAY).date(), (NOW + 400 * DAY).date()


def make_turns(*turns: dict[str, float]) -> PolicyGap:
    """Make a gap whose clocks ran so; each turn says on which day what happened, from ``opened`` on."""
    gap = PolicyGap.objects.create(title=f"gap {PolicyGap.objects.count()}", opened_at=NOW, last_seen_at=NOW)
    for number, turn in enumerate(turns, start=1):
        for kind, day in turn.items():
            told = "reopened" if kind == "opened" and number > 1 else kind.rstrip("_")
            GapEvent.objects.create(gap=gap, clock_number=number, kind=told, at=NOW + day * DAY)
    return gap


def told(first=FIRST, last=LAST) -> dict[str, tuple]:
    return {
        step.name: (step.count, step.median, step.shortest, step.longest, step.waiting)
        for step in gap_times.times(first, last)
    }


def test_medians_are_over_all_turns_with_their_range_and_those_that_wait():
    make_turns({"opened": 0, "drafted": 2, "covered": 6, "enforced": 7})
    make_turns({"opened": 0, "drafted": 4})
    make_turns({"opened": 1, "drafted": 2, "covered": 3}, {"opened": 20})
    make_turns({"opened": 3})

    assert told() == {
        "drafted": (3, 2 * DAY, DAY, 4 * DAY, 2),
        "published": (2, 2.5 * DAY, DAY, 4 * DAY, 1),
        "enforced": (1, DAY, DAY, DAY, 0),
        "answered": (2, 4 * DAY, 2 * DAY, 6 * DAY, 3),
    }


def test_a_draft_that_was_dropped_is_no_drafting_and_a_closed_gap_waits_for_nothing():
    make_turns({"opened": 0, "drafted": 2, "dropped": 3})
    make_turns({"opened": 0, "drafted": 2, "dropped": 3, "drafted_": 9})
    make_turns({"opened": 0, "closed": 5})

    assert told()["drafted"] == (1, 9 * DAY, 9 * DAY, 9 * DAY, 1)


def test_only_turns_that_began_on_the_days_are_told():
    make_turns({"opened": 0, "drafted": 1}, {"opened": 10, "drafted": 14})

    days = (NOW + 10 * DAY).date()

    assert told(days, days)["drafted"][:2] == (1, 4 * DAY)
    assert told(days + DAY, days + DAY)["drafted"][0] == 0


def test_a_gap_that_was_really_found_and_closed_is_told_too(client):
    with clock.at(clock.now() - 3 * DAY):
        operations.join_gap("verses", by=None)
    client.force_login(make_user(role="analyst"))

    page = client.get(reverse("statistics:gap_times"))
    lines = client.get(reverse("statistics:gap_times_csv")).text.splitlines()

    assert [step.waiting for step in page.context["steps"]] == [1, 0, 0, 1]
    assert lines[0].startswith("step,n,median_hours")
    assert lines[1].startswith("drafted,0,,,,1,")


@pytest.mark.parametrize("days", [{"from": "never"}, {"from": "2026-02-01", "to": "2026-01-01"}, {"to": "9999-12-31"}])
def test_days_that_make_no_sense_are_told(client, days):
    client.force_login(make_user(role="analyst"))

    assert client.get(reverse("statistics:gap_times"), days).status_code == 400
    assert client.get(reverse("statistics:gap_times_csv"), days).status_code == 400
