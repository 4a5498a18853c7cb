"""How right a detector was moves the priority of its next alerts, a little, and says so."""

import pytest
from django.test import override_settings

from incidents.queues import operations
from incidents.queues.models import Item, Reliability, Round
from incidents.queues.operations import Rated
from incidents.queues.weighing import steps_of, weight_in_words
from tests.factories import make_generation, make_queue, make_rule, make_source, make_waiting_alert

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def general():
    return make_queue(is_default=True)


def note(alert, violating: int, judged: int, *, is_report: bool = False, of: str = "detector") -> None:
    rated = (
        Rated(None, alert.detector_version_id, False) if of == "detector" else Rated(alert.source_id, None, is_report)
    )
    operations.note_reliability({rated: (violating, judged)})


def priority_of(alert) -> int:
    return Round.objects.get(item__generation=alert.generation_id).priority


@pytest.mark.parametrize(
    ("violating", "judged", "steps"),
    [
        (19, 19, 0),  # too few
        (20, 20, 2),
        (16, 20, 0),  # 0.58 to 0.92
        (60, 80, 1),  # 0.65 to 0.83
        (195, 240, 1),
        (90, 100, 2),
        (10, 20, 0),
        (2, 20, 0),  # 0.03 to 0.30
        (1, 20, -1),  # 0.01 to 0.24
        (3, 100, -2),  # 0.01 to 0.08
        (0, 20, -1),
        (0, 40, -2),
    ],
)
def test_the_interval_must_lie_beyond_a_bound(violating, judged, steps):
    assert steps_of(violating, judged) == steps


def test_an_accurate_detector_is_raised_and_the_trace_says_why():
    alert = make_waiting_alert()
    note(alert, 195, 240)
    make_rule(make_queue(), priority=3)

    operations.route_alerts()

    assert priority_of(alert) == 4
    assert weight_in_words(Item.objects.get().trace[0]) == ["Priority +1: precision 0.81 (n = 240)."]


def test_a_detector_that_is_mostly_wrong_is_lowered():
    alert = make_waiting_alert()
    note(alert, 0, 100)

    operations.route_alerts()

    assert priority_of(alert) == -2


def test_where_the_detector_is_unknown_its_source_speaks_for_it():
    alert = make_waiting_alert(detector_version=None)
    note(alert, 0, 100, of="source")

    operations.route_alerts()

    assert priority_of(alert) == -2


def test_no_detector_passes_a_report_by_a_person():
    alert = make_waiting_alert()
    note(alert, 100, 100)
    report = make_waiting_alert(kind="user_report", detector_version=None)

    operations.route_alerts()

    assert (priority_of(alert), priority_of(report)) == (2, 2)
    assert "by a person" in weight_in_words(report.generation.item.trace[0])[0]


def test_accuracy_never_lowers_a_report_by_a_person():
    report = make_waiting_alert(kind="user_report", detector_version=None)
    note(report, 0, 100, of="source", is_report=True)

    operations.route_alerts()

    assert priority_of(report) == 0


def test_accurate_reporters_are_raised_by_their_own_record():
    report = make_waiting_alert(kind="partner_report", detector_version=None)
    note(report, 100, 100, of="source", is_report=True)
    other = make_waiting_alert(source=report.source)

    operations.route_alerts()

    assert (priority_of(report), priority_of(other)) == (2, 0)


def test_what_is_restricted_and_random_samples_are_left_as_they_are():
    restricted = make_waiting_alert(generation=make_generation(restricted=True))
    sample = make_waiting_alert(kind="random_sample", source=make_source())
    note(restricted, 0, 100)

    operations.route_alerts()

    assert (priority_of(restricted), priority_of(sample)) == (0, 0)


def test_it_can_be_switched_off():
    alert = make_waiting_alert()
    note(alert, 100, 100)

    with override_settings(PRIORITY_BY_ACCURACY=False):
        operations.route_alerts()

    assert priority_of(alert) == 0


def test_the_last_word_counts():
    alert = make_waiting_alert()
    note(alert, 0, 100)
    note(alert, 100, 200)

    assert list(Reliability.objects.values_list("violating", "judged", "steps")) == [(100, 200, 0)]
