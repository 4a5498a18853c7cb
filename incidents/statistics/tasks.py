from celery import shared_task

from incidents.statistics import operations

AT_A_TIME = 2_000


@shared_task
def count_decisions() -> None:
    """Add every decision that is still to count to the rollups. Two workers may run this at once."""
    while operations.count_some(AT_A_TIME) == AT_A_TIME:
        pass
