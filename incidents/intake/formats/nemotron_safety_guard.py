"""NVIDIA NemoGuard and Nemotron safety guards: JSON text, or the lines of the reasoning models.

Payload: the text, or the object that it holds: ``{"User Safety", "Response Safety"?, "Safety Categories"?}``.
Categories are names, whose numbers differ between models. They are not said for each side: where both are unsafe both
get them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from django.utils.translation import gettext as _, gettext_lazy

from incidents.intake.formats import converting, envelope
from incidents.intake.formats.converting import Format, Given, NotOfFormat
from incidents.intake.formats.envelope import Answer, Envelope, Judgement
from incidents.intake.formats.native import Detector, Taxonomy

TAXONOMY: Final = Taxonomy(name="nvidia-aegis", version="2.0")
DETECTOR: Final = Detector(name="Nemotron Safety Guard")
UNSAFE: Final = "unsafe"

_VERDICTS: Final = {"safe": False, "unsafe": True, "unharmful": False, "harmful": True}
_THOUGHTS: Final = re.compile(r"^.*</think>", re.DOTALL)
_FENCE: Final = re.compile(r"^```(?:json)?\s*|\s*```$")
_CODE: Final = re.compile(r"^S\d{1,2}:\s*")
_LINE: Final = re.compile(r"^\s*(prompt harm|response harm|response refusal)\s*:\s*(\w+)", re.IGNORECASE | re.MULTILINE)


class Verdict(Answer, frozen=True):
    user: str | None = msgspec.field(name="User Safety", default=None)
    response: str | None = msgspec.field(name="Response Safety", default=None)
    categories: str = msgspec.field(name="Safety Categories", default="")


PAYLOAD: Final[Any] = str | Verdict


@dataclass(frozen=True)
class _Said:
    sides: dict[str, str]
    categories: tuple[str, ...] = ()
    refusal: str = ""


def _convert(record: bytes, _given: Given) -> list[dict[str, Any]]:
    read = envelope.read(record, PAYLOAD)
    said = _of_text(read) if isinstance(read.payload, str) else _of_verdict(read.payload)
    if not said.sides:
        raise envelope.refuse(read, "payload", _("Says nothing about the prompt or the response."))
    for side, verdict in said.sides.items():
        if verdict.strip().lower() not in _VERDICTS:
            sentence = _("The verdict on the %(side)s must be safe or unsafe.") % {"side": side}
            raise envelope.refuse(read, "payload", sentence)
    return [envelope.alert(read, judgement) for judgement in _judgements(said)]


def _of_verdict(verdict: Verdict) -> _Said:
    sides = {"prompt": verdict.user, "response": verdict.response}
    names = (_CODE.sub("", part.strip()) for part in verdict.categories.split(","))
    return _Said(
        sides={side: said for side, said in sides.items() if said is not None},
        categories=tuple(dict.fromkeys(name for name in names if name)),
    )


def _of_text(read: Envelope[Any]) -> _Said:
    text = _FENCE.sub("", _THOUGHTS.sub("", read.payload).strip())
    if text.startswith("{"):
        try:
            return _of_verdict(converting.read(text.encode(), Verdict))
        except NotOfFormat as reason:
            raise NotOfFormat(_inside_payload(reason.errors), read.external_id) from None
    lines = {found[1].lower(): found[2] for found in _LINE.finditer(text)}
    sides = {side: lines[f"{side} harm"] for side in ("prompt", "response") if f"{side} harm" in lines}
    return _Said(sides=sides, refusal=lines.get("response refusal", "").lower())


def _inside_payload(errors: dict[str, list[str]]) -> dict[str, list[str]]:
    return {"payload" if path == "body" else f"payload.{path}": said for path, said in errors.items()}


def _judgements(said: _Said) -> Iterator[Judgement]:
    unsafe = {side: _VERDICTS[verdict.strip().lower()] for side, verdict in said.sides.items()}
    homeless = said.categories if not any(unsafe.values()) else ()  # named although all is safe: kept, not flagged
    for side, is_unsafe in unsafe.items():
        metadata: dict[str, Any] = {"safety_categories": list(homeless)} if homeless else {}
        if said.refusal and side == "response":
            metadata["refusal"] = said.refusal
        yield Judgement(
            taxonomy=TAXONOMY,
            detector=DETECTOR,
            part=side if len(unsafe) > 1 else "",
            judged=side,
            flagged=(said.categories or (UNSAFE,)) if is_unsafe else (),
            labels={UNSAFE: is_unsafe},
            metadata=metadata,
        )


FORMAT: Final = Format(
    slug="nemotron-safety-guard",
    title=gettext_lazy("NVIDIA Nemotron Safety Guard"),
    convert=_convert,
    example=msgspec.json.encode(
        {
            "external_id": "nemotron-1",
            "occurred_at": "2026-11-01T10:00:00Z",
            "generation": {
                "messages": [
                    {"role": "user", "content": "Say something rude about my tea."},
                    {"role": "assistant", "content": "It tastes like a rainy Monday."},
                ]
            },
            "payload": '{"User Safety": "safe", "Response Safety": "unsafe", "Safety Categories": "Harassment"}',
        }
    ),
)
