from celery import shared_task

from incidents.guidance import operations


@shared_task
def ask_when_due() -> None:
    """Open a search once a day, and wake who carries searches out. Two schedulers may run this at once."""
    operations.ask_when_due()
    operations.wake_searchers()


@shared_task
def suggest() -> None:
    """Carry out the search that is open. No sweep: it computes for seconds, and the scheduler has others to run.

    Two workers may run this at once: one of them does it.
    """
    while search := operations.claim():
        found, items = operations.look()  # takes its time: outside any transaction, safe to repeat
        operations.finish(search, found, items=items)
