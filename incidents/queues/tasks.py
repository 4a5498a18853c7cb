from celery import shared_task

from incidents.queues import operations


@shared_task
def route() -> None:
    """Put every alert that waits for it into a queue. Two workers may run this at once."""
    while operations.route_alerts():
        pass
