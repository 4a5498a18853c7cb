from celery import shared_task

from incidents.intake import queries as intake
from incidents.queues import operations
from incidents.queues.operations.grouping import BATCH as GROUPED_AT_ONCE
from incidents.queues.operations.routing import BATCH
from trust.celery import hint


@shared_task
def route() -> None:
    """Put every alert that waits for it into a queue. Two workers may run this at once."""
    while operations.route_alerts():
        pass


@shared_task
def group() -> None:
    """Compare every item that waits for it with the groups there are. Two workers may run this at once.

    Being reviewed comes before being compared: while more alerts wait for a queue than routing takes at once, this
    leaves the processor to them, and fewer are routed here before each batch, so that they never wait for the end of a
    long comparison. Where there is more than a batch to compare, a second thread is asked to help.
    """
    while intake.count_alerts_to_route(up_to=BATCH + 1) <= BATCH:
        route()
        taken = operations.group_items()
        if not taken:
            return
        if taken == GROUPED_AT_ONCE:
            hint("incidents.queues.tasks.group")
