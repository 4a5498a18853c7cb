from celery import shared_task

from incidents.inbound import operations


@shared_task
def forget_arrivals() -> None:
    """Forget requests that no provider will send again."""
    while operations.forget_arrivals():
        pass
