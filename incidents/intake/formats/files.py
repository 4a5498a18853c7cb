"""The files that can be imported: which formats there are, and how each line becomes a native alert."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from incidents.intake.formats import openai_moderation_eval

Converter = Callable[[bytes, int], bytes | dict[str, Any]]

FORMATS: Final[dict[str, Converter]] = {
    "native": lambda line, _number: line,
    "openai-moderation-eval": lambda line, number: openai_moderation_eval.to_native(line, number=number),
}


def lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Walk the lines of a file, ``.gz`` or plain, that are not blank, with their numbers from 1."""
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if text := line.strip():
                yield number, text
