"""Answers of the Perspective API: a share of readers who would agree, by attribute, for the text and for its parts.

The offsets of its spans count UTF-16 code units (reference of ``SpanScore``, commentanalyzer v1alpha1); ours count code
points. The service was announced to end with 2026: this is for old scores.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from django.utils.translation import gettext as _, gettext_lazy

from incidents.intake.formats import envelope
from incidents.intake.formats.converting import Format, Given
from incidents.intake.formats.envelope import Answer, Envelope, Judgement
from incidents.intake.formats.native import Detector, Offset, Taxonomy
from policies.taxonomies import PERSPECTIVE


class Score(Answer, frozen=True):
    value: float
    type: str = "PROBABILITY"


class SpanScore(Answer, frozen=True):
    """Without ``begin`` and ``end`` about the whole text."""

    score: Score
    begin: Offset | None = None
    end: Offset | None = None


class Attribute(Answer, rename="camel", frozen=True):
    summary_score: Score | None = None
    span_scores: list[SpanScore] = []


class Analysis(Answer, rename="camel", frozen=True):
    attribute_scores: dict[str, Attribute]
    languages: list[str] = []
    detected_languages: list[str] = []


def _convert(record: bytes, given: Given) -> list[dict[str, Any]]:
    read = envelope.read(record, Analysis)
    payload = read.payload
    summaries = {name: found.summary_score for name, found in payload.attribute_scores.items() if found.summary_score}
    scores = {name: score.value for name, score in summaries.items()}
    languages = {"languages": payload.languages, "detected_languages": payload.detected_languages}
    judgement = Judgement(
        taxonomy=Taxonomy(name=PERSPECTIVE.name, version=PERSPECTIVE.version),
        detector=Detector(name="perspective", version=given.options.get("detector_version", "")),
        judged=envelope.side_of(read),
        flagged=envelope.at_or_above(scores, read.thresholds),
        scores=scores,
        score_kind="probability" if all(score.type == "PROBABILITY" for score in summaries.values()) else None,
        spans=list(_spans(read)),
        metadata={name: value for name, value in languages.items() if value},
    )
    return [envelope.alert(_with_language(read), judgement)]


def _with_language(read: Envelope[Analysis]) -> Envelope[Analysis]:
    known = [*read.payload.languages, *read.payload.detected_languages]
    if read.generation.language or not known:
        return read
    return msgspec.structs.replace(read, generation=msgspec.structs.replace(read.generation, language=known[0]))


def _spans(read: Envelope[Analysis]) -> Iterator[dict[str, Any]]:
    """Walk what was scored by itself. A span of the whole text adds nothing; without the text none can be placed."""
    judged = envelope.judged_message(read)
    if judged is None:
        return
    number, text = judged
    places = _Places(text)
    for name, attribute in read.payload.attribute_scores.items():
        for index, span in enumerate(attribute.span_scores):
            if span.begin is None and span.end is None:
                continue
            begin, end = span.begin or 0, places.units if span.end is None else span.end
            if (begin, end) == (0, places.units):
                continue
            if not begin < end <= places.units:
                path = f"payload.attributeScores.{name[:100]}.spanScores.{index}.end"
                raise envelope.refuse(read, path, _("Must lie behind begin, and within the message."))
            said = {"start": places.at(begin), "end": places.at(end), "category": name, "score": span.score.value}
            yield {"message": number} | said


class _Places:
    """Where the UTF-16 code units of a text lie in it, counted in code points."""

    def __init__(self, text: str) -> None:
        self._unit_to_point = None if text.isascii() else self._points_of_units(text)
        self.units = len(text) if self._unit_to_point is None else len(self._unit_to_point) - 1

    def at(self, unit: int) -> int:
        """Return the place of ``unit``, which is one of 0 to ``units``."""
        return unit if self._unit_to_point is None else self._unit_to_point[unit]

    @staticmethod
    def _points_of_units(text: str) -> list[int]:
        points = [point for point, character in enumerate(text) for _unit in range(1 + (character > "\uffff"))]
        return [*points, len(text)]


FORMAT: Final = Format(
    slug="perspective",
    title=gettext_lazy("Perspective API"),
    convert=_convert,
    example=b"""{
  "external_id": "p-1", "occurred_at": "2026-11-01T10:00:00Z", "thresholds": {"INSULT": 0.6},
  "generation": {"messages": [{"role": "user", "content": "Nice cup. You fool."}]},
  "payload": {"attributeScores": {"INSULT": {
      "spanScores": [{"begin": 0, "end": 9, "score": {"value": 0.02, "type": "PROBABILITY"}},
                     {"begin": 10, "end": 19, "score": {"value": 0.83, "type": "PROBABILITY"}}],
      "summaryScore": {"value": 0.78, "type": "PROBABILITY"}}},
    "languages": ["en"], "detectedLanguages": ["en"]}
}""",
)
