from celery import shared_task

from incidents.review import draft_operations
from incidents.review.bulk import operations as bulks, steps
from trust.jobs import operations as jobs


@shared_task
def drop_old_drafts() -> None:
    """Drop what was typed and never sent, once nobody touched it for a week. Two workers may run this at once."""
    while draft_operations.drop_old_drafts():
        pass


@shared_task
def do_in_bulk() -> None:
    """Go on with what was started in bulk. Two workers may run this at once."""
    jobs.work(bulks.DOING, step=steps.do_some, end=steps.end, task=bulks.TASKS[bulks.DOING])


@shared_task
def undo_in_bulk() -> None:
    """Go on taking back what was done in bulk. Two workers may run this at once."""
    jobs.work(bulks.UNDOING, step=steps.undo_some, end=steps.end, task=bulks.TASKS[bulks.UNDOING])
