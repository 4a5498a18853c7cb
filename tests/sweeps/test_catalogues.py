"""The catalogues are complete: each sentence of the source stands in every language, and is compiled."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from babel.messages import Catalog, Message
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from tests.environment import ROOT
from tests.sweeps.messages import asked_for
from trust import languages

TRANSLATED = sorted(set(languages.NAMES) - {languages.MACHINES})  # the source itself is English
PARTS = re.compile(r"%\(\w+\)[a-z]|%%|\{\w+\}|</?\w+>")  # placeholders and marks, which a translation keeps as they are


@cache
def catalogue(language: str) -> Catalog:
    with _file(language, "po").open("rb") as file:
        return read_po(file, locale=language)


@pytest.fixture(params=TRANSLATED)
def language(request: pytest.FixtureRequest) -> str:
    return request.param


def test_every_message_of_the_source_is_translated(language: str):
    known = {_key(message) for message in _messages(language) if all(_strings(message)) and not message.fuzzy}

    assert sorted(map(str, asked_for() - known)) == []


def test_no_message_is_left_over(language: str):
    assert sorted(map(str, {_key(message) for message in _messages(language)} - asked_for())) == []


def test_a_translation_keeps_placeholders_and_marks(language: str):
    wrong = [_key(message) for message in _messages(language) if any(_strings(message)) and not _keeps_parts(message)]

    assert wrong == []


def test_what_is_committed_was_compiled(language: str):
    with _file(language, "mo").open("rb") as file:
        compiled = {_key(message): _strings(message) for message in read_mo(file) if message.id}

    written = [message for message in _messages(language) if any(_strings(message)) and not message.fuzzy]
    assert compiled == {_key(message): _strings(message) for message in written}


def test_a_lost_placeholder_would_be_found():
    assert _keeps_parts(Message("%(n)s of %(all)s", "%(n)s von %(all)s"))
    assert not _keeps_parts(Message("%(n)s of %(all)s", "%(n)s von allen"))
    assert _keeps_parts(Message(("One", "%(n)s items"), ("Einer", "%(n)s Vorgänge")))
    assert not _keeps_parts(Message(("One", "%(n)s items"), ("Einer", "%(m)s Vorgänge")))


def _file(language: str, ending: str) -> Path:
    return ROOT / "trust" / "locale" / language / "LC_MESSAGES" / f"django.{ending}"


def _messages(language: str) -> list[Message]:
    return [message for message in catalogue(language) if message.id]


def _strings(message: Message) -> tuple[str, ...]:
    return (message.string or "",) if isinstance(message.string, str | None) else tuple(message.string)


def _key(message: Message) -> tuple[str | None, str, str | None]:
    one, many = (message.id, None) if isinstance(message.id, str) else message.id
    return message.context, one, many


def _keeps_parts(message: Message) -> bool:
    """Say whether each form has the parts of its own; a singular may also write the number that its plural has."""
    ids = (message.id,) if isinstance(message.id, str) else message.id
    expected = [Counter(PARTS.findall(text)) for text in ids]
    first, *others = [Counter(PARTS.findall(text)) for text in _strings(message)]
    return first in expected and all(other == expected[-1] for other in others)
