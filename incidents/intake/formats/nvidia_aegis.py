"""NVIDIA Aegis 1: text as Llama Guard writes it, ``safe`` or ``unsafe`` and a line of codes O1 to O13.

Payload: the text, or ``{"text", "score"?}`` with the probability of the word "unsafe".
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Final

import msgspec
from django.utils.translation import gettext as _, gettext_lazy

from incidents.intake.formats import envelope
from incidents.intake.formats.converting import Format, Given
from incidents.intake.formats.envelope import Answer, Judgement
from incidents.intake.formats.native import Detector, Taxonomy
from incidents.intake.formats.verdicts import Probability

TAXONOMY: Final = Taxonomy(name="nvidia-aegis", version="1.0")
NAMES: Final = MappingProxyType(
    {
        "O1": "Violence",
        "O2": "Sexual",
        "O3": "Criminal Planning/Confessions",
        "O4": "Guns and Illegal Weapons",
        "O5": "Controlled/Regulated Substances",
        "O6": "Suicide and Self Harm",
        "O7": "Sexual (minor)",
        "O8": "Hate/Identity Hate",
        "O9": "PII/Privacy",
        "O10": "Harassment",
        "O11": "Threat",
        "O12": "Profanity",
        "O13": "Needs Caution",
    }
)
UNSAFE: Final = "unsafe"


class Text(Answer, frozen=True):
    text: str
    score: Probability | None = None


PAYLOAD: Final[Any] = str | Text


def _convert(record: bytes, _given: Given) -> list[dict[str, Any]]:
    read = envelope.read(record, PAYLOAD)
    said = read.payload if isinstance(read.payload, Text) else Text(text=read.payload)
    path = "payload.text" if isinstance(read.payload, Text) else "payload"
    verdict, _line_end, rest = said.text.strip().partition("\n")
    is_unsafe = verdict.strip().lower() == UNSAFE
    if not is_unsafe and (verdict.strip().lower() != "safe" or rest.strip()):
        raise envelope.refuse(read, path, _("Must be “safe”, or “unsafe” and a line of codes."))
    codes = dict.fromkeys(code for part in rest.replace("\n", ",").split(",") if (code := part.strip()))
    judgement = Judgement(
        taxonomy=TAXONOMY,
        detector=Detector(name="NVIDIA Aegis", version="1.0"),
        judged=envelope.side_of(read),
        flagged=list(dict.fromkeys(NAMES.get(code, code) for code in codes)) or ([UNSAFE] if is_unsafe else []),
        labels={UNSAFE: is_unsafe},
        scores={} if said.score is None else {UNSAFE: said.score},
        score_kind="probability",
        metadata={"codes": list(codes)} if codes else {},
    )
    return [envelope.alert(read, judgement)]


FORMAT: Final = Format(
    slug="nvidia-aegis",
    title=gettext_lazy("NVIDIA Aegis 1"),
    convert=_convert,
    example=msgspec.json.encode(
        {
            "external_id": "aegis-1",
            "occurred_at": "2026-11-01T10:00:00Z",
            "generation": {"messages": [{"role": "user", "content": "You brew tea like a rainy Monday."}]},
            "payload": "unsafe\nO10",
        }
    ),
)
