"""Whether a request may be believed: its signature, by Standard Webhooks, over the bytes as they came."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from incidents.inbound.models import InboundWebhook, Refusal
from incidents.intake.formats import openai_safety_webhook
from incidents.intake.formats.openai_safety_webhook import NotSigned
from trust import webhook_secrets

ID: Final = "webhook-id"
TIMESTAMP: Final = "webhook-timestamp"
SIGNATURE: Final = "webhook-signature"
SECONDS_OFF: Final = 300


def refusal_of(webhook: InboundWebhook, body: bytes, headers: Mapping[str, str], now: datetime) -> Refusal | None:
    """Say why a request to ``webhook`` may not be believed; None when a secret in force signed it. No query."""
    if not webhook.is_active:
        return Refusal.OFF
    secrets = webhook.sealed_in_force(now)
    if not secrets:
        return Refusal.NO_SECRET
    if not all(headers.get(name) for name in (ID, TIMESTAMP, SIGNATURE)):
        return Refusal.NOT_SIGNED
    if any(_signs(webhook_secrets.unseal(secret), body, headers) for secret in secrets):
        return None
    return Refusal.OTHER_TIME if _is_of_other_time(headers[TIMESTAMP], now) else Refusal.OTHER_SIGNATURE


def _signs(secret: str, body: bytes, headers: Mapping[str, str]) -> bool:
    try:
        openai_safety_webhook.verify(body, headers, secret)
    except NotSigned:
        return False
    return True


def _is_of_other_time(timestamp: str, now: datetime) -> bool:
    """Tell a slow clock from a wrong secret, for who has to mend it; ``verify`` has refused the request already."""
    try:
        return abs(now.timestamp() - float(timestamp)) > SECONDS_OFF
    except ValueError:
        return False
