from celery import shared_task

from incidents.queues import operations
from incidents.queues.operations.grouping import BATCH as GROUPED_AT_ONCE
from trust.celery import hint


@shared_task
def route() -> None:
    """Put every alert that waits for it into a queue. Two workers may run this at once."""
    while operations.route_alerts():
        pass


@shared_task
def group() -> None:
    """Compare every item that waits for it with the groups there are. Two workers may run this at once.

    Being reviewed comes before being compared: what waits for a queue is routed before each batch. While there is more
    than a batch, another thread is asked to help.
    """
    while True:
        route()
        taken = operations.group_items()
        if not taken:
            return
        if taken == GROUPED_AT_ONCE:
            hint("incidents.queues.tasks.group")
