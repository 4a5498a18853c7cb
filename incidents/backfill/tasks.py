from celery import shared_task

from incidents.backfill import operations
from trust.jobs import operations as jobs


@shared_task
def open_rounds() -> None:
    """Go on opening rounds for past items. Two workers may run this at once."""
    jobs.work(operations.OPENING, step=operations.open_some, end=operations.end, task=operations.TASK)
