from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from trust.normalising import normalise, words_of


@dataclass(frozen=True, slots=True)
class Part:
    """One message: who speaks, and the normalised words."""

    role: str
    words: list[str]


@dataclass(frozen=True, slots=True)
class Text:
    """A conversation as it is compared. ``digest`` is SHA-256 of all that counts, spacing left out.

    ``attached`` are the digests of what came along, in order: what is near-identical has the same.
    """

    digest: bytes
    parts: list[Part]
    word_count: int
    attached: tuple[str, ...] = ()


def text_of(messages: Iterable[tuple[str, str]], attached: Sequence[str] = ()) -> Text:
    """Read a conversation given as (role, content), and the digests of its attachments."""
    digest = hashlib.sha256()
    parts: list[Part] = []
    for role, content in messages:
        normalised = normalise(content)
        digest.update(f"{role}\x1f{''.join(normalised.split())}\x1e".encode())
        parts.append(Part(role, words_of(normalised)))
    for one in attached:
        digest.update(f"\x1d{one}".encode())
    return Text(digest.digest(), parts, sum(len(part.words) for part in parts), tuple(attached))
