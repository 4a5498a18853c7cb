"""Inbound webhooks, and requests signed as a provider signs them."""

import base64
import json
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from standardwebhooks import Webhook

from incidents.inbound import operations
from incidents.inbound.models import InboundWebhook
from tests.factories import make_user

_numbers = count(1)


def secret_of(text: str) -> str:
    return "whsec_" + base64.b64encode(text.ljust(32, ".").encode()).decode()


SECRET = secret_of("only for tests")


def make_webhook(**options: Any) -> InboundWebhook:
    values = {"source": "openai-safety", "secret": SECRET, "by": make_user(role="admin")}
    return operations.create(f"webhook {next(_numbers)}", **values | options)


def event(**changes: Any) -> bytes:
    body = {
        "id": "evt_1",
        "object": "event",
        "type": "safety_identifier.blocked",
        "created_at": 1793527200,
        "data": {"safety_category": "cyber", "safety_identifier": "user-7f3a", "model": "gpt-5"},
    }
    return json.dumps(body | changes).encode()


def signed(
    body: bytes, *, message: str = "wh_1", ago: timedelta = timedelta(0), secret: str = SECRET
) -> dict[str, str]:
    """Return the headers of a delivery that was signed ``ago``."""
    at = datetime.now(UTC) - ago
    return {
        "webhook-id": message,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message, at, body.decode()),
    }
