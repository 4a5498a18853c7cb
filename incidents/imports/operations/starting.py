"""Asking for a dry run or the import itself, and calling them off."""

from __future__ import annotations

from django.db import transaction

from incidents.imports import rules
from incidents.imports.models import Import
from incidents.imports.operations.keeping import locked
from trust.accounts.models import User
from trust.audit.operations import record
from trust.jobs import operations as jobs
from trust.jobs.models import Job
from trust.refusals import Refused

REHEARSAL, IMPORT = "imports.rehearsal", "imports.import"
TASKS = {REHEARSAL: "incidents.imports.tasks.rehearse", IMPORT: "incidents.imports.tasks.import_files"}


@transaction.atomic
def rehearse(found: Import, *, by: User) -> Import:
    """Ask the worker what importing would do, record by record. Raises Refused."""
    found = locked(found)
    if sentence := rules.refusal_to_read(found, by):
        raise Refused(sentence)
    found.rehearsal = jobs.start(REHEARSAL, total=found.records, by=by, task=TASKS[REHEARSAL])
    found.save(update_fields=["rehearsal"])
    record("import.rehearsed", on=[found], by=by)
    return found


@transaction.atomic
def start(found: Import, *, by: User) -> Import:
    """Let the worker import the file. Raises Refused."""
    found = locked(found)
    if sentence := rules.refusal_to_start(found, by):
        raise Refused(sentence)
    found.job = jobs.start(IMPORT, total=found.records, by=by, task=TASKS[IMPORT])
    found.save(update_fields=["job"])
    record("import.started", on=[found], by=by)
    return found


@transaction.atomic
def cancel(found: Import, *, by: User) -> None:
    """Call off what is under way; records that were imported stay. Takes no lock, so it never waits. Raises Refused.

    The audit record is made when the work ends: until then it may still come to its own end.
    """
    found = Import.objects.select_related("rehearsal", "job").get(pk=found.pk)
    if sentence := rules.refusal_to_cancel(found, by):
        raise Refused(sentence)
    for job in (found.rehearsal, found.job):
        if job is not None and job.is_open:
            jobs.cancel(job, by=by, task=TASKS[job.kind])


def note_cancelled(found: Import, job: Job) -> None:
    """Record who called off a job that ended so: asked for twice, or too late, it is no event."""
    if job.status == Job.Status.CANCELLED:
        record("import.cancelled", on=[found], by=job.cancellation.by)
