"""Tasks of the ground."""

from celery import shared_task

from trust import heartbeat


@shared_task
def note_worker() -> None:
    """Note that a worker is alive. The scheduler asks for it, so it also shows that the broker carries hints."""
    heartbeat.beat("worker")
