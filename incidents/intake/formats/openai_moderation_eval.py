"""The evaluation set of Markov et al. 2022: a line is ``{"prompt": "…", "S": 1, "H": 0}``, a missing label unknown."""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec
from django.utils.translation import gettext_lazy

from incidents.intake.formats import converting
from incidents.intake.formats.converting import Format, Given
from policies.taxonomies import OPENAI_MODERATION_EVAL

PUBLISHED: Final = "2022-08-08T00:00:00Z"

Label = Literal[0, 1]


class Line(msgspec.Struct, forbid_unknown_fields=True):
    """Named as in the file; ``policies.taxonomies`` says what the names stand for."""

    prompt: str
    S: Label | None = None
    H: Label | None = None
    V: Label | None = None
    HR: Label | None = None
    SH: Label | None = None
    S3: Label | None = None
    H2: Label | None = None
    V2: Label | None = None


def _convert(record: bytes, given: Given) -> list[dict[str, Any]]:
    """A line's number, counted from 1, is its external id."""
    read = converting.read(record, Line)
    known = {name: getattr(read, name) for name in OPENAI_MODERATION_EVAL.categories}
    labels = {name: bool(label) for name, label in known.items() if label is not None}
    alert = {
        "external_id": str(given.index + 1),
        "occurred_at": PUBLISHED,
        "kind": "partner_report",
        "taxonomy": {"name": OPENAI_MODERATION_EVAL.name, "version": OPENAI_MODERATION_EVAL.version},
        "flagged": [name for name, present in labels.items() if present],
        "labels": labels,
        "generation": {"messages": [{"role": "user", "content": read.prompt}]},
    }
    return [alert]


FORMAT: Final = Format(
    slug="openai-moderation-eval",
    title=gettext_lazy("OpenAI moderation evaluation set"),
    convert=_convert,
    example=b'{"prompt": "What tea goes well with rain?", "S": 0, "H": 0}',
)
