from celery import shared_task

from incidents.quality import operations

AT_A_TIME = 2_000


@shared_task
def count_arrivals() -> None:
    """Add up what came in. Two workers may run this at once."""
    while operations.count_arrivals(AT_A_TIME) == AT_A_TIME:
        pass


@shared_task
def rate_items() -> None:
    """Rate what was judged. Two workers may run this at once."""
    while operations.rate_items(AT_A_TIME):
        pass
