from celery import shared_task

from incidents.queues import operations


@shared_task
def route() -> None:
    """Put every alert that waits for it into a queue. Two workers may run this at once."""
    while operations.route_alerts():
        pass


@shared_task
def group() -> None:
    """Compare every item that waits for it with the groups there are. Two workers may run this at once."""
    while operations.group_items():
        pass
