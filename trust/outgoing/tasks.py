import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Final

from celery import shared_task

from trust.outgoing import http, operations, webhook
from trust.outgoing.models import Message

AT_ONCE: Final = 8
LONGEST_RUN_SECONDS: Final = 20.0


@shared_task
def deliver_due() -> None:
    """Send everything that is due, a few at once, one to each endpoint. Two workers may run this at once.

    The network is outside any transaction. After some seconds it takes nothing new: other sweeps wait their turn.
    """
    until = time.monotonic() + LONGEST_RUN_SECONDS
    flying: dict[Future[http.Answer], Message] = {}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while True:
            while len(flying) < AT_ONCE and time.monotonic() < until and (message := operations.claim_due()):
                flying[pool.submit(webhook.send, message)] = message
            if not flying:
                return
            for landed in wait(flying, return_when=FIRST_COMPLETED).done:
                operations.finish(flying.pop(landed), answer=landed.result())
