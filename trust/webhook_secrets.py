"""Secrets of webhooks, ours and those of others: sealed with the field key, opened only to sign or to verify."""

import base64
import secrets

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PREFIX = "whsec_"
LENGTH = 32


def new_secret() -> str:
    """Return a signing secret in the form of Standard Webhooks."""
    return PREFIX + base64.b64encode(secrets.token_bytes(LENGTH)).decode()


def seal(secret: str) -> bytes:
    return _box().encrypt(secret.encode())


def unseal(sealed: bytes | memoryview) -> str:
    """Open what any of the field keys sealed. Raises ``InvalidToken`` when none of them did."""
    return _box().decrypt(bytes(sealed)).decode()


def _box() -> MultiFernet:
    """The first key of ``FIELD_KEY`` (a list between commas) seals, all of them open: so that keys can be changed."""
    return MultiFernet([Fernet(_derived(key.strip())) for key in settings.FIELD_KEY.split(",") if key.strip()])


def _derived(key: str) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=LENGTH, salt=None, info=b"trustdesk webhook secrets")
    return base64.urlsafe_b64encode(derivation.derive(key.encode()))
