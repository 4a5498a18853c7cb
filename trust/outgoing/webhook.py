"""A delivery as Standard Webhooks lays it out: the body, its signature, and when to try again."""

import json
import random
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone
from standardwebhooks import Webhook

from trust import webhook_secrets
from trust.outgoing import http
from trust.outgoing.models import Message

# After a failed attempt: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h; then it is given up.
WAITS: Final = tuple(timedelta(seconds=seconds) for seconds in (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400))
TRIES: Final = len(WAITS) + 1
JITTER: Final = 0.2
GONE: Final = 410
SLOW_DOWN: Final = frozenset({429, 502, 503, 504})


def send(message: Message) -> http.Answer:
    """Sign ``message`` as of now and post it. No database; ``message`` comes with its endpoint."""
    body = body_of(message)
    now = timezone.now()
    return http.post(message.endpoint.url, body=body, headers=_headers(message, body, now))


def body_of(message: Message) -> bytes:
    """Return the same bytes at every attempt."""
    return json.dumps(message.payload, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def wait_after(message: Message, answer: http.Answer) -> timedelta | None:
    """Say how long to wait after a failed attempt; None when it was the last one."""
    if message.tries_left == 0:
        return None
    planned = WAITS[TRIES - 1 - min(message.tries_left, TRIES - 1)]
    wait = planned * (1 + random.random() * JITTER)  # noqa: S311  spreads load, guards nothing
    if answer.retry_after is not None and answer.status_code in SLOW_DOWN:
        return max(wait, answer.retry_after)
    return wait


def _headers(message: Message, body: bytes, now: datetime) -> dict[str, str]:
    webhook_id = str(message.webhook_id)
    signers = [Webhook(webhook_secrets.unseal(sealed)) for sealed in message.endpoint.secrets_at(now)]
    return {
        "Content-Type": "application/json",
        "User-Agent": "Trustdesk",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signer.sign(webhook_id, now, body.decode()) for signer in signers),
    }
