"""What is said of rejected records, and to whom: a sentence may quote a cell of content."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from django.utils.translation import gettext as _, ngettext


class Rejected(Protocol):
    """A record that was not taken, or would not be."""

    index: int
    external_id: str | None
    errors: dict[str, list[str]]
    is_restricted: bool


@dataclass(frozen=True)
class Told:
    """A rejection as one reader may see it. ``line`` counts from 1."""

    index: int
    line: int
    external_id: str | None
    errors: dict[str, list[str]]


def told(rejections: Iterable[Rejected], *, with_content: bool) -> list[Told]:
    """Give the sentences to those who may read content, to others how many there are by path.

    A record that names something restricted is quoted to nobody.
    """
    return [
        Told(
            index=one.index,
            line=one.index + 1,
            external_id=one.external_id,
            errors=one.errors if with_content and not one.is_restricted else _counted(one),
        )
        for one in rejections
    ]


def rows(rejections: Iterable[Rejected], *, with_content: bool) -> Iterator[tuple[int, str | None, str, str]]:
    """Walk what a spreadsheet shows: line, external id, path and sentences."""
    for one in told(rejections, with_content=with_content):
        for path, sentences in one.errors.items():
            yield one.line, one.external_id, path, " ".join(sentences)


def _counted(rejection: Rejected) -> dict[str, list[str]]:
    return {path: [_why_not_shown(rejection, len(sentences))] for path, sentences in rejection.errors.items()}


def _why_not_shown(rejection: Rejected, number: int) -> str:
    if rejection.is_restricted:
        return _("The record names something restricted: what is wrong is not quoted.")
    return ngettext(
        "One reason, shown to those who may read content.",
        "%(number)s reasons, shown to those who may read content.",
        number,
    ) % {"number": number}
