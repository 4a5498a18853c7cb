"""Endpoints and messages for tests."""

from datetime import datetime
from itertools import count
from typing import Any

from django.db import transaction

from tests.factories import NOW
from trust.outgoing import operations
from trust.outgoing.models import Endpoint, Message

_numbers = count(1)


def make_endpoint(url: str = "http://127.0.0.1:9009/hook", **options: Any) -> tuple[Endpoint, str]:
    """Make an endpoint; returns it with its secret."""
    return operations.create_endpoint(f"endpoint {next(_numbers)}", url=url, by=None, **options)


def make_message(endpoint: Endpoint | None = None, **event: Any) -> Message:
    if endpoint is None:
        endpoint, _secret = make_endpoint()
    with transaction.atomic():
        [message] = operations.write(
            operations.Event(**{"kind": "test.sent", "data": {"n": 1}, **event}), to=[endpoint]
        )
    return message


def give_up(message: Message, at: datetime = NOW) -> Message:
    """Leave ``message`` as it stands after its last try."""
    message.status, message.given_up_at, message.next_attempt_at = Message.Status.DEAD, at, None
    message.tries_left, message.attempts_made = 0, 10
    message.save()
    return message
