from celery import shared_task

from incidents.review import draft_operations


@shared_task
def drop_old_drafts() -> None:
    """Drop what was typed and never sent, once nobody touched it for a week. Two workers may run this at once."""
    while draft_operations.drop_old_drafts():
        pass
