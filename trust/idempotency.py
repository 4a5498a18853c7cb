"""The header Idempotency-Key, where a row keeps it (draft-ietf-httpapi-idempotency-key-header): how it is read, what a
request is known again by, and what happens to one that was sent before.

A row made through an API keeps ``idempotency_key`` and ``request_digest``; a unique constraint on the API key and the
idempotency key holds what is said here. Decisions and notes know what was sent before by their round or person instead.
"""

import hashlib
import json
from typing import Any, Final, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from trust.audit import context
from trust.refusals import Refused

HEADER: Final = "Idempotency-Key"
LONGEST: Final = 100

Row = TypeVar("Row", bound=Model)


def key_of(request: Request) -> str | None:
    """Return the key of a request, quoted or not, or None without one. Raises ValidationError."""
    key = request.headers.get(HEADER, "").strip().strip('"')
    if len(key) > LONGEST or not key.isprintable():
        raise ValidationError({HEADER: [_("At most %(limit)s printable characters.") % {"limit": LONGEST}]})
    return key or None


def digest_of(request: Request) -> str:
    """Return the SHA-256, in hex, of what a JSON body says, in whatever order its keys came."""
    return hashlib.sha256(json.dumps(request.data, sort_keys=True).encode()).hexdigest()


def sent_before(rows: QuerySet[Row], *, key: str | None, digest: str) -> Row | None:
    """Return the one of ``rows`` that was made under ``key``, marked ``is_repeat``; None when it is new or has no key.

    ``rows`` are those that the API key which speaks has made. The same key sent twice at once waits here, for as long
    as the transaction lasts: call it within one, before anything is made. 2 queries, none without a key.
    Raises Refused (idempotency-key-reused) when it was sent with another body.
    """
    if key is None:
        return None
    with connection.cursor() as cursor:
        names = [rows.model._meta.label_lower, f"{context.via_key()} {key}"]
        cursor.execute("select pg_advisory_xact_lock(hashtext(%s), hashtext(%s))", names)
    found: Any = rows.filter(idempotency_key=key).first()
    if found is None:
        return None
    if found.request_digest != digest:
        raise reused()
    found.is_repeat = True
    sent: Row = found
    return sent


def reused() -> Refused:
    """Say that a key came again with something else."""
    return Refused(_("This Idempotency-Key was used for another request."), code="idempotency-key-reused", status=422)
