from celery import shared_task

from incidents.search import operations, registry


@shared_task
def index() -> None:
    """Make the documents of every generation that waits for it. Two workers may run this at once.

    Being reviewed comes before being found: while many alerts wait for a queue or for their group, this leaves the
    processor to them.
    """
    while not registry.has_urgent() and operations.index_documents():
        pass
