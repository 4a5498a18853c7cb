"""Long work in steps: each step and its progress are one short transaction, so that a kill loses and doubles nothing.

A room has a task that its ``apps.py`` registers as a sweep::

    @shared_task
    def import_files() -> None:
        jobs.work("imports.import", step=operations.import_some, end=operations.end_import, task="…import_files")

``step`` does a small piece of a job's work and returns how much that was; it may set ``job.result``. ``end`` is called
once with the ended job, however it ended, in the transaction that ends it. When ``end`` fails too often, the job ends
as failed without it. All of them speak the language of who asked for the work.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import structlog
from django.db import transaction
from django.utils import translation

from trust import clock, languages
from trust.accounts.models import User
from trust.celery import hint
from trust.jobs.models import Cancellation, Job

log = structlog.get_logger(__name__)

Step = Callable[[Job], int]
End = Callable[[Job], None]

SECONDS_AT_ONCE: Final = 10.0  # then other sweeps have their turn
MOST_FAILURES: Final = 5


def start(kind: str, *, total: int, by: User | None, task: str) -> Job:
    """Make a job that ``task`` works on, and wake it."""
    now = clock.now()
    job = Job.objects.create(
        kind=kind, total=total, asked_by=by, asked_at=now, due_at=now, language=languages.current()
    )
    hint(task)
    return job


def cancel(job: Job, *, by: User, task: str) -> None:
    """Ask that a job end after the step that is being done; what was done stays. Asking twice is asking once."""
    Cancellation.objects.get_or_create(job=job, defaults={"by": by, "at": clock.now()})
    hint(task)


def work(kind: str, *, step: Step, end: End, task: str) -> None:
    """Do steps of all jobs of a kind in turn, for a short while; if there is more then, wake ``task`` again."""
    until = time.monotonic() + SECONDS_AT_ONCE
    while work_once(kind, step=step, end=end):
        if time.monotonic() > until:
            hint(task)
            return


def work_once(kind: str, *, step: Step, end: End) -> bool:
    """Do one step of the job that waited longest. False when there is none that nobody else is working on.

    The lock on its row is the lease: it goes with the transaction, or with the process.
    """
    taken: list[int] = []
    try:
        with transaction.atomic():
            job = Job.objects.due(kind, clock.now()).select_for_update(skip_locked=True, no_key=True).first()
            if job is None:
                return False
            taken.append(job.pk)
            with translation.override(job.language):
                _go_on(job, step, end)
    except Exception as error:
        if not taken:
            raise
        log.exception("step of a job failed", job=taken[0], kind=kind, error=type(error).__qualname__)
        _note_failure(taken[0], end)
    return True


def _go_on(job: Job, step: Step, end: End) -> None:
    now = clock.now()
    if Cancellation.objects.filter(job=job).exists():
        _end(job, Job.Status.CANCELLED, end)
        return
    if job.started_at is None:
        job.status, job.started_at = Job.Status.RUNNING, now
    job.done = min(job.done + step(job), job.total)
    job.failures, job.due_at = 0, now  # behind the others that wait
    job.save(update_fields=["status", "started_at", "done", "result", "failures", "due_at"])
    if job.done >= job.total:
        _end(job, Job.Status.DONE, end)


@transaction.atomic
def _note_failure(pk: int, end: End) -> None:
    """Let the job rest, longer each time; give it up when it failed too often in a row."""
    job = Job.objects.open().select_for_update(no_key=True).filter(pk=pk).first()
    if job is None:
        return
    job.failures += 1
    job.due_at = clock.now() + timedelta(seconds=5 * 2**job.failures)
    job.save(update_fields=["failures", "due_at"])
    if job.failures >= MOST_FAILURES:
        with translation.override(job.language):
            _end(job, Job.Status.FAILED, _logging(end))


def _logging(end: End) -> End:
    """Return ``end`` so that it cannot keep a job from ending."""

    def tried(job: Job) -> None:
        try:
            with transaction.atomic():
                end(job)
        except Exception as error:
            log.exception("end of a job failed", job=job.pk, kind=job.kind, error=type(error).__qualname__)

    return tried


def _end(job: Job, status: Job.Status, end: End) -> None:
    job.status, job.ended_at = status, clock.now()
    job.save(update_fields=["status", "ended_at"])
    end(job)
