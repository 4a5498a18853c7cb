from celery import shared_task

from incidents.guidance import operations


@shared_task
def suggest() -> None:
    """Look for gaps when somebody asked, or once a day. Two workers may run this at once: one of them does it."""
    operations.ask_when_due()
    while search := operations.claim():
        found, items = operations.look()  # takes its time: outside any transaction, safe to repeat
        operations.finish(search, found, items=items)
