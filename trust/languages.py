"""Languages: people are answered in theirs, machines in English, and what is stored reads in the organisation's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

MACHINES: Final = "en"
NAMES: Final = dict(settings.LANGUAGES)  # each in its own language


def is_for_machines(request: HttpRequest) -> bool:
    """Say whether the answer is read by a program, which must find the same words whoever runs it."""
    path = request.path_info
    return path in {"/healthz", "/readyz"} or (path.startswith("/api/") and not path.startswith("/api/docs/"))


def asked_for(request: HttpRequest) -> str:
    """Return the language that was chosen before sign-in, else the first we have that the browser asks for."""
    return MACHINES if is_for_machines(request) else translation.get_language_from_request(request)


def current() -> str:
    return translation.get_language() or settings.LANGUAGE_CODE


def within(words: str) -> str:
    """Write a label within a sentence, without its first capital: "in force"."""
    return words[:1].lower() + words[1:]


def noun_within(words: str) -> str:
    """Write a label that names a thing within a sentence; German keeps the capital of its nouns."""
    return words if current() == "de" else within(words)


@contextmanager
def for_machines() -> Iterator[None]:
    """Speak English, as every file and answer for programs does. Also a decorator."""
    with translation.override(MACHINES):
        yield


def stored(sentence: StrPromise) -> str:
    """Say ``sentence`` in the language of the organisation, for what the system writes down and many will read."""
    with translation.override(settings.LANGUAGE_CODE):
        return str(sentence)
