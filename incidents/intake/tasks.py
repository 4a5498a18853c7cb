from celery import shared_task

from incidents.intake import operations


@shared_task
def forget_answers() -> None:
    """Forget the answers to requests that nobody will send again."""
    while operations.forget_answers():
        pass
