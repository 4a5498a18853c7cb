"""Whatever is done, by whomever, in whichever order: what enforcement says adds up, recounted from the rows alone."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.enforcement.course import Course, World

pytestmark = pytest.mark.django_db

SHORT = settings(
    max_examples=16,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
LONG = settings(SHORT, max_examples=300, stateful_step_count=40, derandomize=False)


@pytest.fixture
def course() -> type[Course]:
    Course.world = World()
    return Course


def test_any_course_adds_up(course: type[Course]):
    run_state_machine_as_test(course, settings=SHORT)


@pytest.mark.long
def test_many_courses_add_up(course: type[Course]):
    run_state_machine_as_test(course, settings=LONG)
