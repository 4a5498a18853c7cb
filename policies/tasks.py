from celery import shared_task

from policies import operations


@shared_task
def publish_due() -> None:
    """Put approved versions in force whose moment has come. Two workers may run this at once."""
    while operations.publish_due():
        pass
