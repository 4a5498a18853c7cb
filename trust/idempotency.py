"""The header Idempotency-Key: one reading of it for every endpoint (draft-ietf-httpapi-idempotency-key-header)."""

from typing import Final

from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

HEADER: Final = "Idempotency-Key"
LONGEST: Final = 100


def key_of(request: Request) -> str | None:
    """Return the key of a request, quoted or not, or None without one. Raises ValidationError."""
    key = request.headers.get(HEADER, "").strip().strip('"')
    if len(key) > LONGEST or not key.isprintable():
        raise ValidationError({HEADER: [_("At most %(limit)s printable characters.") % {"limit": LONGEST}]})
    return key or None
