from celery import shared_task

from incidents.statistics import operations
from trust import sweeps

AT_A_TIME = 2_000


@shared_task
def count_decisions() -> None:
    """Add decisions that are still to count to the rollups, for a while. Two workers may run this at once."""
    sweeps.go_on(
        lambda: operations.count_some(AT_A_TIME) == AT_A_TIME, task="incidents.statistics.tasks.count_decisions"
    )
