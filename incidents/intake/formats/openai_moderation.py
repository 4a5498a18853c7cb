"""Answers of OpenAI's moderation endpoint, omni and text: openai-python 3.54.0, ``types/moderation*.py``.

One result is about the whole generation. Several are about its messages one by one, in their order: independent texts
come in envelopes of their own.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from django.utils.translation import gettext as _, gettext_lazy
from msgspec import Meta

from incidents.intake.formats import envelope
from incidents.intake.formats.converting import Format, Given
from incidents.intake.formats.envelope import Answer, Envelope, Judgement
from incidents.intake.formats.native import Detector, Taxonomy
from policies.taxonomies import OPENAI_MODERATION, OPENAI_TEXT_MODERATION

LATEST_OMNI: Final = "omni-moderation-latest"
LATEST_TEXT: Final = {"text-moderation-latest", "text-moderation-stable"}


class Result(Answer, frozen=True):
    """One judgement. A category that is null or not there was not looked at."""

    flagged: bool
    categories: dict[str, bool | None]
    category_scores: dict[str, float | None] = {}
    model: str | None = None  # said in inline moderation only


class Moderation(Answer, frozen=True):
    model: str
    results: Annotated[list[Result], Meta(min_length=1, max_length=500)]


def judgement(result: Result, *, model: str, judged: str | None, part: str = "", **metadata: Any) -> Judgement:
    """Read one result. ``flagged`` without a category that is true is a category of that name."""
    labels = {name: present for name, present in result.categories.items() if present is not None}
    flagged = [name for name, present in labels.items() if present] or (["flagged"] if result.flagged else [])
    return Judgement(
        taxonomy=taxonomy_of(model),
        detector=Detector(name="openai-moderation", version=model),
        part=part,
        judged=judged,
        flagged=flagged,
        labels=labels,
        scores={name: score for name, score in result.category_scores.items() if score is not None},
        score_kind="probability",
        metadata=metadata,
    )


def taxonomy_of(model: str) -> Taxonomy:
    """Name the categories that a model knows: ``omni-moderation-2024-09-26`` has those of ``omni-2024-09-26``."""
    if model == LATEST_OMNI:
        return Taxonomy(name=OPENAI_MODERATION.name, version=OPENAI_MODERATION.version)
    if model in LATEST_TEXT:
        return Taxonomy(name=OPENAI_MODERATION.name, version=OPENAI_TEXT_MODERATION.version)
    return Taxonomy(name=OPENAI_MODERATION.name, version=model.replace("-moderation-", "-", 1))


def _convert(record: bytes, _given: Given) -> list[dict[str, Any]]:
    read = envelope.read(record, Moderation)
    model, results = read.payload.model, read.payload.results
    if len(results) == 1:
        return [envelope.alert(read, judgement(results[0], model=model, judged=envelope.side_of(read)))]
    sides = _sides_of_messages(read, len(results))
    return [
        envelope.alert(read, judgement(result, model=model, judged=side, part=str(index), message=index))
        for index, (result, side) in enumerate(zip(results, sides, strict=True))
    ]


def _sides_of_messages(read: Envelope[Moderation], results: int) -> list[str]:
    messages = read.generation.messages or []
    if len(messages) != results:
        raise envelope.refuse(read, "payload.results", _("Must hold one result, or one for each message."))
    return [envelope.side_of_role(message.role) for message in messages]


FORMAT: Final = Format(
    slug="openai-moderation",
    title=gettext_lazy("OpenAI moderation"),
    convert=_convert,
    example=b"""{
  "external_id": "modr-1", "occurred_at": "2026-11-01T10:00:00Z", "judged": "prompt",
  "generation": {"messages": [{"role": "user", "content": "You make awful tea, you fool."}]},
  "payload": {"id": "modr-1", "model": "omni-moderation-2024-09-26", "results": [{"flagged": true,
    "categories": {"harassment": true, "hate": false}, "category_scores": {"harassment": 0.71, "hate": 0.02},
    "category_applied_input_types": {"harassment": ["text"], "hate": ["text"]}}]}
}""",
)
