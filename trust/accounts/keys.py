"""The text of an API key: ``td_`` + 8 public characters + ``_`` + 256 random bits + a checksum."""

import hashlib
import re
import secrets
import zlib

_KEY = re.compile(r"td_([0-9a-z]{8})_([0-9a-f]{64})([0-9a-f]{8})\Z")
_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"


def new_key() -> str:
    public_part = "".join(secrets.choice(_ALPHABET) for _digit in range(8))
    head = f"td_{public_part}_{secrets.token_hex(32)}"
    return head + _checksum(head)


def public_part_of_new(key: str) -> str:
    """Return the public part of a key that was just made."""
    return key.split("_")[1]


def public_part(key: str) -> str | None:
    """Return the part a key is found by, or None for what cannot be a key (so no query is spent on it)."""
    match = _KEY.match(key)
    if not match or _checksum(key[:-8]) != match[3]:
        return None
    return match[1]


def digest(key: str) -> bytes:
    """Return SHA-256: 256 random bits need no slow hash."""
    return hashlib.sha256(key.encode()).digest()


def _checksum(head: str) -> str:
    return f"{zlib.crc32(head.encode()):08x}"
