from celery import shared_task

from incidents.appeals import operations


@shared_task
def forget_asks() -> None:
    """Forget who asked for the public page in minutes that count no more. Two workers may run this at once."""
    while operations.forget_asks():
        pass
