"""Synthetic conversations: mild sentences of our own, put together from lists by a seeded generator."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from string import Formatter
from typing import Any

import yaml

Message = dict[str, str]

SYSTEM_PROMPTS = (
    "You are the assistant of {brand}, a shop in {town}.",
    "Help members of the {office} with their texts.",
    "You write for a {story}. Keep to the roles that the players give you.",
    "Answer questions of visitors to the {place} in {town} in a {tone} way.",
)


@dataclass(frozen=True)
class Theme:
    """One kind of traffic. ``clause`` is what reviewers find (or ""), ``violating`` in how many of 100."""

    name: str
    clause: str
    taxonomy: str
    category: str
    share: int
    violating: int
    prompts: tuple[str, ...]
    answers: tuple[str, ...]


@cache
def _lists() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "themes.yaml").read_text())
    return document


@cache
def themes() -> tuple[Theme, ...]:
    return tuple(
        Theme(**{**theme, "prompts": tuple(theme["prompts"]), "answers": tuple(theme["answers"])})
        for theme in _lists()["themes"]
    )


class Speech:
    """Fills ``{list}`` in patterns; within one conversation the same list mostly gives the same word again."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._said: dict[str, str] = {}

    def sentence(self, pattern: str) -> str:
        parts = []
        for text, name, _spec, _conversion in Formatter().parse(pattern):
            parts.append(text)
            if name:
                parts.append(self._word(name))
        filled = "".join(parts)
        return filled[0].upper() + filled[1:]

    def sentences(self, patterns: Sequence[str]) -> str:
        """Put one or two of ``patterns`` after another."""
        chosen = self._random.sample(patterns, k=1 if self._random.random() < 0.4 else 2)
        return " ".join(self.sentence(pattern) for pattern in chosen)

    def _word(self, name: str) -> str:
        if name not in self._said or self._random.random() < 0.15:
            self._said[name] = self._random.choice(_lists()["words"][name])
        return self._said[name]


def conversation(theme: Theme, random: Random) -> list[Message]:
    """Return two to seven messages; about one in three begins with a system prompt."""
    speech = Speech(random)
    messages: list[Message] = []
    if random.random() < 0.3:
        messages.append({"role": "system", "content": speech.sentence(random.choice(SYSTEM_PROMPTS))})
    context = speech.sentence(random.choice(_lists()["contexts"])) + " " if random.random() < 0.6 else ""
    messages.append({"role": "user", "content": context + speech.sentences(theme.prompts)})
    messages.append({"role": "assistant", "content": speech.sentences(theme.answers)})
    while random.random() < 0.3 and len(messages) < 6:
        messages.append({"role": "user", "content": speech.sentence(random.choice(_lists()["follow_ups"]))})
        messages.append({"role": "assistant", "content": speech.sentence(random.choice(_lists()["closings"]))})
    return messages


def report(random: Random) -> str:
    """Return what somebody writes who reports a generation."""
    return Speech(random).sentence(random.choice(_lists()["reports"]))


def gap(messages: Sequence[Message], random: Random) -> str:
    """Return the note of who found that no policy fits, whose first line names the gap; now and then nothing."""
    asked = next((message["content"] for message in messages if message["role"] == "user"), "")
    named = [name for word, name in _lists()["gaps"].items() if word in asked]
    return random.choice(named) if named and random.random() < 0.85 else ""


def note(random: Random) -> str:
    """Return a reviewer's note, or nothing: most decisions need none."""
    return random.choice(_lists()["notes"]) if random.random() < 0.12 else ""
