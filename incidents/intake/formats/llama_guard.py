"""Answers of Llama Guard 1 to 4: ``safe``, or ``unsafe`` and a line of codes. Model cards of PurpleLlama, 2026-08-17.

A code means other things in other generations (S7: Intellectual Property, later Privacy), so each has a taxonomy
version of its own. It judges the last turn, and gives no score per category, only the probability of "unsafe".
"""

from __future__ import annotations

import re
from functools import partial
from typing import Any, Final

from django.utils.text import format_lazy
from django.utils.translation import gettext as _, gettext_lazy

from incidents.intake.formats import envelope
from incidents.intake.formats.converting import Format, Given
from incidents.intake.formats.envelope import Answer, Envelope, Judgement
from incidents.intake.formats.native import Detector, Taxonomy
from policies.taxonomies import LLAMA_GUARD

_SPECIAL: Final = re.compile(r"<\|[a-z_]{1,40}\|>|</?s>")  # tokens that a decoder left in


class Scored(Answer, frozen=True):
    """The text with its score: the probability of the first token being "unsafe"."""

    text: str
    probability: float | None = None


def _convert(record: bytes, _given: Given, *, generation: str) -> list[dict[str, Any]]:
    read = envelope.read(record, str | Scored)  # type: ignore[arg-type]
    payload = Scored(text=read.payload) if isinstance(read.payload, str) else read.payload
    is_unsafe, codes = _verdict(read, payload.text)
    judgement = Judgement(
        taxonomy=Taxonomy(name="llama-guard", version=generation),
        detector=Detector(name="llama-guard", version=generation),
        judged=envelope.side_of(read),
        flagged=codes or (["unsafe"] if is_unsafe else []),
        labels={"unsafe": is_unsafe} | dict.fromkeys(codes, True),
        scores={} if payload.probability is None else {"unsafe": payload.probability},
        score_kind="probability",
    )
    return [envelope.alert(read, judgement)]


def _verdict(read: Envelope[Any], text: str) -> tuple[bool, list[str]]:
    """Read the answer. ``safe`` says nothing of single categories: the prompt may have left some out."""
    verdict, *lines = _SPECIAL.sub("", text).strip().split("\n")
    if verdict.strip().lower() not in {"safe", "unsafe"}:
        raise envelope.refuse(read, "payload", _("Must be safe, or unsafe and a line of codes."))
    codes = [code.strip() for line in lines for code in line.split(",")]
    if verdict.strip().lower() == "safe":
        return False, []
    return True, list(dict.fromkeys(code for code in codes if code))


def _format(generation: str, code: str) -> Format:
    example = """{
  "external_id": "guard-1", "occurred_at": "2026-11-01T10:00:00Z", "judged": "prompt",
  "generation": {"messages": [{"role": "user", "content": "How do I get out of paying for the bus?"}]},
  "payload": "\\n\\nunsafe\\nCODE"
}"""
    return Format(
        slug=f"llama-guard-{generation}",
        title=format_lazy("{name} {generation}", name=gettext_lazy("Llama Guard"), generation=generation),
        convert=partial(_convert, generation=generation),
        example=example.replace("CODE", code).encode(),
    )


FORMATS: Final = tuple(_format(taxonomy.version, "O3" if taxonomy.version == "1" else "S2") for taxonomy in LLAMA_GUARD)
