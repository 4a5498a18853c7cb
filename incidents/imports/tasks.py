from celery import shared_task

from incidents.imports import operations
from incidents.imports.operations.starting import IMPORT, REHEARSAL, TASKS
from trust import sweeps
from trust.jobs import operations as jobs


@shared_task
def rehearse() -> None:
    """Go on with the dry runs that were asked for. Two workers may run this at once."""
    jobs.work(REHEARSAL, step=operations.rehearse_some, end=operations.end_rehearsal, task=TASKS[REHEARSAL])


@shared_task
def import_files() -> None:
    """Go on with the imports that were started. Two workers may run this at once."""
    jobs.work(IMPORT, step=operations.import_some, end=operations.end_import, task=TASKS[IMPORT])


@shared_task
def forget_files() -> None:
    """Delete the bytes of files that were left lying for a day, and what dry runs found that hold no more."""
    while operations.forget_file() or operations.forget_dry_run():
        pass
    sweeps.go_on(operations.forget_findings, task="incidents.imports.tasks.forget_files")
