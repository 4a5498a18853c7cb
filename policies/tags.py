"""Which languages a clause applies to, as tags of BCP 47 such as de, pt-BR and zh-Hant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _

from policies.texts import MOST_LANGUAGES

# Language, script, region, variants, private use: RFC 5646, section 2.1, without extensions and extended languages.
TAG: Final = re.compile(
    "(?P<language>[a-z]{2,3})(-(?P<script>[a-z]{4}))?(-(?P<region>[a-z]{2}|[0-9]{3}))?"
    "(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(-x(-[a-z0-9]{1,8})+)?",
    re.IGNORECASE,
)
PARTS: Final = ("language", "script", "region")
NO_LANGUAGE: Final = frozenset({"mis", "mul", "und", "zxx"})  # not coded, several, not known, none: ISO 639-2
LONGEST: Final = 35
BETWEEN: Final = re.compile(r"[\s,;]+")


def read(typed: str) -> list[str]:
    """Return the tags in what was typed, as they are usually written, each once."""
    return list(dict.fromkeys(_usual(tag) for tag in BETWEEN.split(typed) if tag))


def refusal_of(tags: Sequence[str]) -> str | None:
    """Say why these are no tags of languages. ``read`` writes them as they must be."""
    if len(tags) > MOST_LANGUAGES:
        return _("There are more than %(most)s languages.") % {"most": MOST_LANGUAGES}
    for tag in tags:
        if len(tag) > LONGEST or not TAG.fullmatch(tag) or tag != _usual(tag):
            told = _("“%(tag)s” names no language; write tags as in de, pt-BR, zh-Hant.")
            return told % {"tag": tag[:LONGEST]}
    if len(set(tags)) < len(tags):
        return _("A language stands here twice.")
    return None


def applies(tags: Sequence[str], language: str) -> bool:
    """Say whether a clause for ``tags``, none for all, is about content whose ``language`` is as a sender wrote it.

    Only where both name a language, a script or a region and these differ, it is not: pt-BR is about pt and not about
    pt-PT. What cannot be told, such as no language or "german", is taken as about it.
    """
    if not tags or not (said := TAG.fullmatch(language.strip().replace("_", "-"))):
        return True
    return said["language"].lower() in NO_LANGUAGE or any(_agree(tag, said) for tag in tags)


def _agree(tag: str, said: re.Match[str]) -> bool:
    meant = TAG.fullmatch(tag)
    if meant is None:
        return True
    return all(not meant[part] or not said[part] or meant[part].lower() == said[part].lower() for part in PARTS)


def _usual(tag: str) -> str:
    """Return a tag in the case of RFC 5646, section 2.1.1."""
    first, *parts = tag.lower().split("-")
    usual = [first]
    for part in parts:
        is_private = "x" in usual
        if len(part) == 4 and part.isalpha() and not is_private:
            usual.append(part.title())
        else:
            usual.append(part.upper() if len(part) == 2 and not is_private else part)
    return "-".join(usual)
