"""Whom a text names: ``@`` and a name as people write it ("@Ana Ruiz", "@ana", "@ana.ruiz", "@ana@example.org")."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from trust.accounts.models import User

# At the start of a word: an address such as ana@example.org names nobody.
_SIGN = re.compile(r"(?<![\w@.+-])@(?=\w)")
_WORD = re.compile(r"[\w.+'’-]+(?:@[\w.-]+)?")
_AT_END = ".-'’+"


@dataclass
class Named:
    """People that were found, in the order in which they stand, and the words by which nobody or several were found."""

    people: list[User] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    several: list[str] = field(default_factory=list)


def words(text: str) -> list[str]:
    """Return the first word after each ``@``, each once: by these people are looked up."""
    return list(dict.fromkeys(_word(tail) for tail in _tails(text)))


def named(text: str, people: Sequence[User]) -> Named:
    """Say who of ``people`` is named. The whole name goes before the first name, which must be one person's alone."""
    found = Named()
    for tail in _tails(text):
        called, word = _called(tail, people), _word(tail)
        place = found.people if len(called) == 1 else found.several if called else found.unknown
        for one in called if len(called) == 1 else [word]:
            if one not in place:
                place.append(one)  # type: ignore[arg-type]
    return found


def _called(tail: str, people: Sequence[User]) -> list[User]:
    word = _word(tail).casefold()
    by_address = [one for one in people if word in {one.email.casefold(), one.email.partition("@")[0].casefold()}]
    by_name = [one for one in people if one.name and _begins(tail, one.name)]
    longest = max((len(one.name) for one in by_name), default=0)
    whole = [one for one in by_name if len(one.name) == longest]
    return whole or by_address or [one for one in people if one.name.casefold().split(" ")[0] == word]


def _begins(tail: str, name: str) -> bool:
    rest = tail[len(name) :]
    return tail[: len(name)].casefold() == name.casefold() and not re.match(r"\w", rest)


def _tails(text: str) -> Iterable[str]:
    return (text[match.end() :].partition("\n")[0] for match in _SIGN.finditer(text))


def _word(tail: str) -> str:
    match = _WORD.match(tail)
    return match.group().rstrip(_AT_END) if match else ""
