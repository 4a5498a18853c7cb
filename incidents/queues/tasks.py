from celery import shared_task

from incidents.intake import queries as intake
from incidents.queues import operations
from incidents.queues.operations.grouping import BATCH as GROUPED_AT_ONCE
from incidents.queues.operations.routing import BATCH
from trust import sweeps
from trust.celery import hint


@shared_task
def route() -> None:
    """Put alerts that wait for it into a queue, for a while. Two workers may run this at once."""
    sweeps.go_on(operations.route_alerts, task="incidents.queues.tasks.route")


@shared_task
def group() -> None:
    """Compare items that wait for it with the groups there are, for a while. Two workers may run this at once.

    Being reviewed comes before being compared: while more alerts wait for a queue than routing takes at once, this
    leaves the processor to them, and fewer are routed here before each batch, so that they never wait for the end of a
    long comparison. Where there is more than a batch to compare, a second thread is asked to help.
    """
    sweeps.go_on(_group_some, task="incidents.queues.tasks.group")


def _group_some() -> bool:
    if intake.count_alerts_to_route(up_to=BATCH + 1) > BATCH:
        return False
    route()
    taken = operations.group_items()
    if taken == GROUPED_AT_ONCE:
        hint("incidents.queues.tasks.group")
    return bool(taken)
