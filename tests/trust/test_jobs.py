"""Long work in steps: progress with each step, fair turns, rest after failures, an end that is told once."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from tests.factories import NOW, make_user
from trust.jobs import operations as jobs
from trust.jobs.models import Job

pytestmark = pytest.mark.django_db

KIND, TASK = "tests.counting", "tests.count"


def start(total: int = 3) -> Job:
    return jobs.start(KIND, total=total, by=None, task=TASK)


def ended(job: Job) -> None:
    ENDED.append((job.pk, job.status))


ENDED: list[tuple[int, str]] = []


@pytest.fixture(autouse=True)
def _nothing_ended():
    ENDED.clear()


def test_each_step_saves_its_progress_and_the_last_one_ends_the_job():
    job = start()

    seen = []
    while jobs.work_once(KIND, step=lambda _job: 1, end=ended):
        job.refresh_from_db()
        seen.append((job.done, job.status))

    assert seen == [(1, "running"), (2, "running"), (3, "done")]
    assert [(job.pk, "done")] == ENDED


def test_jobs_take_turns():
    first, second = start(), start()
    order: list[int] = []

    def step(job: Job) -> int:
        order.append(job.pk)
        return 1

    for _step in range(4):
        jobs.work_once(KIND, step=step, end=ended)

    assert order == [first.pk, second.pk] * 2


def test_work_of_another_kind_is_left_alone():
    start()

    assert not jobs.work_once("tests.other", step=lambda _job: 1, end=ended)


def test_a_cancelled_job_ends_before_its_next_step():
    job, person = start(), make_user()
    jobs.work_once(KIND, step=lambda _job: 1, end=ended)
    for _time in range(2):
        jobs.cancel(job, by=person, task=TASK)

    jobs.work(KIND, step=lambda _job: 1 // 0, end=ended, task=TASK)

    job.refresh_from_db()
    assert (job.status, job.done) == ("cancelled", 1)
    assert [(job.pk, "cancelled")] == ENDED


def test_a_failing_job_rests_longer_each_time_and_is_given_up():
    job, rests = start(), []

    for _time in range(jobs.MOST_FAILURES):
        jobs.work_once(KIND, step=lambda _job: 1 // 0, end=ended)
        job.refresh_from_db()
        rests.append(job.due_at - timezone.now())
        assert not jobs.work_once(KIND, step=lambda _job: 1, end=ended)
        Job.objects.update(due_at=timezone.now())

    assert rests == sorted(rests)
    assert [(job.pk, "failed")] == ENDED


@pytest.mark.parametrize("status", ["done", "cancelled"])
def test_a_job_whose_end_fails_is_given_up_and_blocks_no_other(status):
    job, other = start(total=1), start(total=1)
    if status == "cancelled":
        jobs.cancel(job, by=make_user(), task=TASK)

    def end(one: Job) -> None:
        Job.objects.filter(pk=one.pk).update(result={"half": "done"})
        return 1 // 0 if one.pk == job.pk else ended(one)

    for _time in range(jobs.MOST_FAILURES + 1):
        jobs.work(KIND, step=lambda _job: 1, end=end, task=TASK)
        Job.objects.open().update(due_at=timezone.now())

    job.refresh_from_db()
    assert (job.status, job.result) == ("failed", {})
    assert [(other.pk, "done")] == ENDED


def test_the_time_left_follows_the_pace():
    job = Job(total=100, done=25, status="running", started_at=NOW)

    assert job.time_left(NOW + timedelta(minutes=1)) == timedelta(minutes=3)
    assert Job(total=100, status="waiting").time_left(NOW) is None


def test_a_job_cannot_do_more_than_there_is():
    job = start(total=2)

    jobs.work_once(KIND, step=lambda _job: 5, end=ended)

    job.refresh_from_db()
    assert (job.done, job.status) == (2, "done")


def test_the_steps_and_the_end_speak_the_language_of_who_asked():
    with translation.override("de"):
        start(total=1)
    said = []

    def step(_job: Job) -> int:
        said.append(translation.get_language())
        return 1

    jobs.work_once(KIND, step=step, end=lambda _job: said.append(translation.get_language()))

    assert said == ["de", "de"]
    assert translation.get_language() == "en"


def test_so_does_the_end_of_one_that_is_given_up():
    with translation.override("de"):
        start()
    said = []

    for _time in range(jobs.MOST_FAILURES):
        jobs.work_once(KIND, step=lambda _job: 1 // 0, end=lambda _job: said.append(translation.get_language()))
        Job.objects.update(due_at=timezone.now())

    assert said == ["de"]
