from celery import shared_task

from incidents.quality import operations
from trust import sweeps

AT_A_TIME = 2_000


@shared_task
def count_arrivals() -> None:
    """Add up what came in, for a while. Two workers may run this at once."""
    sweeps.go_on(
        lambda: operations.count_arrivals(AT_A_TIME) == AT_A_TIME, task="incidents.quality.tasks.count_arrivals"
    )


@shared_task
def rate_items() -> None:
    """Rate what was judged, for a while. Two workers may run this at once."""
    sweeps.go_on(lambda: operations.rate_items(AT_A_TIME), task="incidents.quality.tasks.rate_items")
