"""Requests with an Idempotency-Key: taken in once, answered alike ever after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import msgspec
from django.db import IntegrityError, transaction

from incidents.intake.formats.reader import Reader, Record
from incidents.intake.models import AnsweredRequest
from incidents.intake.operations.accepting import Receipt, accept
from trust import clock, idempotency
from trust.accounts.models import ApiKey

REMEMBERED_FOR: Final = timedelta(hours=24)
FORGOTTEN_AT_ONCE: Final = 1_000

_receipt = msgspec.json.Decoder(Receipt).decode


@dataclass(frozen=True)
class RequestMark:
    """By what a request is known again: the sender's key for it, and a digest of all that it said."""

    key: str
    fingerprint: bytes


def accept_once(records: Sequence[Record], *, via_key: ApiKey, reader: Reader, mark: RequestMark) -> Receipt:
    """Do what ``accept`` does, unless this request was answered before: then return the first answer.

    Raises Refused (idempotency-key-reused) when another request came under the same key.
    """
    try:
        return _accept_once(records, via_key, reader, mark)
    except IntegrityError:  # the same request was answered at this very moment: now its answer is there
        return _accept_once(records, via_key, reader, mark)


@transaction.atomic
def _accept_once(records: Sequence[Record], via_key: ApiKey, reader: Reader, mark: RequestMark) -> Receipt:
    answered = AnsweredRequest.objects.filter(api_key_id=via_key.pk, idempotency_key=mark.key).first()
    if answered is not None:
        if bytes(answered.fingerprint) != mark.fingerprint:
            raise idempotency.reused()
        return _receipt(answered.receipt)

    receipt = accept(records, source=via_key.source, via_key=via_key, reader=reader)
    AnsweredRequest.objects.create(
        api_key_id=via_key.pk,
        idempotency_key=mark.key,
        fingerprint=mark.fingerprint,
        receipt=msgspec.json.encode(receipt).decode(),
        answered_at=clock.now(),
    )
    return receipt


def forget_answers() -> int:
    """Delete answers that are older than a day, a thousand at a time, and return how many."""
    old = AnsweredRequest.objects.filter(answered_at__lt=clock.now() - REMEMBERED_FOR).order_by("answered_at")
    deleted, _by_model = AnsweredRequest.objects.filter(pk__in=old.values("pk")[:FORGOTTEN_AT_ONCE]).delete()
    return deleted
