from celery import shared_task

from incidents.enforcement import operations


@shared_task
def give_strikes() -> None:
    """Give strikes for every decision that waits for it. Two workers may run this at once."""
    while operations.give_strikes():
        pass


@shared_task
def follow_deliveries() -> None:
    """Let every action follow its finished deliveries. Two workers may run this at once."""
    while operations.follow_deliveries():
        pass


@shared_task
def begin_due() -> None:
    """Begin every action whose time has come. Two workers may run this at once."""
    while operations.begin_next():
        pass


@shared_task
def end_due() -> None:
    """End every action that is past its time. Two workers may run this at once."""
    while operations.end_next():
        pass


@shared_task
def tell_in_force() -> None:
    """Tell every endpoint what is in force for it, once its time has come. Two workers may run this at once."""
    while operations.tell_in_force():
        pass


@shared_task
def send_missing() -> None:
    """Send again what endpoints answered to have lost. Two workers may run this at once."""
    while operations.send_missing():
        pass
