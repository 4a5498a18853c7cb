from celery import shared_task

from incidents.wellbeing import operations


@shared_task
def forget_old() -> None:
    """Delete exposure that is older than half a year. Two workers may run this at once."""
    while operations.forget_old():
        pass


@shared_task
def close_weeks() -> None:
    """Work out the weeks of the team that have ended. Two workers may run this at once."""
    operations.close_weeks()
