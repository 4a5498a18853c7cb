import base64
import binascii
from typing import Final

from django.utils.translation import gettext as _

from trust.accounts.models import User
from trust.permissions import Permission
from trust.webhook_secrets import PREFIX

LONGEST_NAME: Final = 100
LEAST_BYTES, MOST_BYTES = 16, 128


def refusal_to_manage(by: User) -> str | None:
    if not by.may(Permission.MANAGE_ENDPOINTS):
        return _("Only an admin may change inbound webhooks.")
    return None


def refusal_of_name(name: str) -> str | None:
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        return _("The name of a webhook must have 1 to %(most)s printable characters.") % {"most": LONGEST_NAME}
    return None


def refusal_of_secret(secret: str) -> str | None:
    """Say why ``secret`` cannot be one of Standard Webhooks: the prefix, then base64 of a key long enough."""
    sentence = _("A signing secret starts with %(prefix)s and goes on as base64; copy it whole from the provider.")
    coded = secret.removeprefix(PREFIX).rstrip("=")
    try:
        key = base64.b64decode(coded + "=" * (-len(coded) % 4), validate=True)
    except (binascii.Error, ValueError):
        return sentence % {"prefix": PREFIX}
    if not secret.startswith(PREFIX) or not LEAST_BYTES <= len(key) <= MOST_BYTES:
        return sentence % {"prefix": PREFIX}
    return None
