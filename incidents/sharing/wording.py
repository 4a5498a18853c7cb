"""What stands in both formats in words: of our own making, in English, with nothing in it that came from outside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid5

ORGANISATION: Final = "organisation"
OTHER: Final = "other"
TITLE: Final = "Linked accounts"  # of a file to which nobody gave another

# What kinds of identifiers are called outside. A sender names kinds as they like, so no other word leaves.
KNOWN_KINDS: Final = frozenset(
    {"ip", "ip_address", "ip_range", "network", "asn", "user_agent", "email", "email_domain", "phone", "country"}
    | {"device", "payment", "payment_fingerprint", "card", "browser", "cookie", "text"}
)


class Tlp(StrEnum):
    """The Traffic Light Protocol 2.0 of FIRST. STIX 2.1 knows four of its labels, CLEAR still by the name of WHITE."""

    CLEAR = "clear"
    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True)
class Known:
    """One actor as it leaves. ``name`` is a pseudonym, or its outside id; times are as exact as they may be."""

    name: str
    kind: str
    created_at: datetime
    first_at: datetime
    last_at: datetime
    seen: int
    is_stopped: bool
    findings: Mapping[int, int] = field(default_factory=dict)
    identifiers: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Tie:
    """Two actors by their places in the list, what kinds of things they have in common, and if a person said so."""

    first: int
    second: int
    kinds: tuple[str, ...]
    confidence: int
    is_said: bool


@dataclass(frozen=True)
class Shared:
    """All that leaves. ``seed`` is what the ids are made from, ``namespace`` is this installation's."""

    title: str
    organisation: str
    tlp: Tlp
    is_by_name: bool
    known: list[Known]
    ties: list[Tie]
    namespace: UUID
    seed: str
    since: datetime
    made_at: datetime

    @property
    def findings(self) -> Counter[int]:
        return sum((Counter(one.findings) for one in self.known), Counter())

    @property
    def identifiers(self) -> Counter[str]:
        return sum((Counter(one.identifiers) for one in self.known), Counter())

    @property
    def severity(self) -> int | None:
        return max(self.findings, default=None)

    def id_of(self, kind: str, *parts: str) -> UUID:
        return uuid5(self.namespace, "\0".join([kind, *parts]))


def said_webs(ties: Iterable[Tie]) -> list[list[int]]:
    """Return the places of those who hang together by what people said, each web in order, the first of them first."""
    webs: list[set[int]] = []
    for tie in ties:
        if tie.is_said:
            pair = {tie.first, tie.second}
            touched = [web for web in webs if web & pair]
            webs = [web for web in webs if not web & pair] + [pair.union(*touched)]
    return sorted(sorted(web) for web in webs)


def outside_kind(kind: str) -> str:
    return kind.casefold() if kind.casefold() in KNOWN_KINDS else OTHER


def timestamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def of_all(shared: Shared) -> str:
    """Return the note on the whole: how many of what."""
    named = (
        "Actors stand under the ids of their platform."
        if shared.is_by_name
        else ("Actors stand under stable pseudonyms; times are whole days.")
    )
    return (
        f"{len(shared.known)} actors, {len(shared.ties)} links. "
        f"Findings by severity (0 to 4): {_counts(sorted(shared.findings.items()), 'S')}. "
        f"Identifiers known, by kind: {_counts(sorted(shared.identifiers.items()))}. {named}"
    )


def of_one(one: Known) -> str:
    return (
        f"Findings by severity (0 to 4): {_counts(sorted(one.findings.items()), 'S')}. "
        f"Identifiers known, by kind: {_counts(sorted(one.identifiers.items()))}."
    )


def of_tie(tie: Tie) -> str:
    shared = f"Have in common what few others have: {', '.join(tie.kinds)}." if tie.kinds else ""
    return f"{shared} {'Said by a person.' if tie.is_said else ''}".strip()


def _counts(counts: Iterable[tuple[object, int]], before: str = "") -> str:
    return ", ".join(f"{before}{name}: {count}" for name, count in counts) or "none"
