from celery import shared_task

from incidents.search import operations, registry
from trust import sweeps


@shared_task
def index() -> None:
    """Make the documents of generations that wait for it, for a while. Two workers may run this at once.

    Being reviewed comes before being found: while many alerts wait for a queue or for their group, this leaves the
    processor to them.
    """
    sweeps.go_on(
        lambda: not registry.has_urgent() and operations.index_documents(), task="incidents.search.tasks.index"
    )


@shared_task
def forget_searches() -> None:
    """Forget how often people searched in minutes that are over."""
    sweeps.go_on(operations.forget_searches, task="incidents.search.tasks.forget_searches")
