from celery import shared_task

from incidents.intake import queries as intake
from incidents.search import operations

MOST_WAITING = 1_000


@shared_task
def index() -> None:
    """Make the documents of every generation that waits for it. Two workers may run this at once.

    Being reviewed comes before being found: while many alerts wait for a queue, this leaves the processor to them.
    """
    while intake.count_alerts_to_route(up_to=MOST_WAITING + 1) <= MOST_WAITING and operations.index_documents():
        pass
