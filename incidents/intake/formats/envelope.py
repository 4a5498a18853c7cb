"""The envelope around a detector's answer: what most answers do not say (text, time, actor, id), and the answer.

The answer stands verbatim in ``payload``. A format reads it into judgements, one for each side that was judged by
itself, and each judgement becomes one native alert.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec
from msgspec import Meta

from incidents.intake.formats import converting
from incidents.intake.formats.converting import NotOfFormat
from incidents.intake.formats.native import (
    Actor,
    Category,
    Detector,
    Generation,
    Id,
    Moment,
    Rate,
    Score,
    Shape,
    Taxonomy,
)

P = TypeVar("P")
Side = Literal["prompt", "response", "interaction"]


class Answer(msgspec.Struct, kw_only=True, frozen=True, gc=False):
    """Base of what providers send: they add fields, so unknown ones are not errors."""


class Envelope(Shape, Generic[P], frozen=True):
    """Fields as in the native alert, and ``payload``. ``judged`` says which side, where the answer does not."""

    external_id: Id
    occurred_at: Moment
    generation: Generation
    payload: P
    kind: Literal["detector", "user_report", "partner_report", "staff", "random_sample"] = "detector"
    judged: Side | None = None
    actor: Actor | None = None
    detector: Detector | None = None
    thresholds: Annotated[dict[Category, Score], Meta(max_length=1000)] = {}
    sampling_rate: Rate = 1.0
    comment: str = ""
    metadata: dict[str, Any] = {}


@dataclass(frozen=True)
class Judgement:
    """What one answer says about one side. ``part`` goes behind the external id where a record gives several alerts."""

    taxonomy: Taxonomy
    detector: Detector
    part: str = ""
    judged: str | None = None
    flagged: Sequence[str] = ()
    labels: Mapping[str, bool] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    score_kind: Literal["probability", "severity", "boolean"] | None = None
    spans: Sequence[Mapping[str, Any]] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)


def read(record: bytes, payload: type[P]) -> Envelope[P]:
    """Decode an envelope whose payload is of that type. Raises NotOfFormat, naming all that is wrong."""
    return converting.read(record, Envelope[payload])  # type: ignore[valid-type]


def refuse(envelope: Envelope[Any], path: str, sentence: str) -> NotOfFormat:
    """Make the error about one place of a record that could be read."""
    return NotOfFormat({path: [sentence]}, envelope.external_id)


def alert(envelope: Envelope[Any], judgement: Judgement) -> dict[str, Any]:
    """Make the native alert of one judgement; the envelope's detector wins over the judgement's own."""
    judged = judgement.judged or envelope.judged
    said = {
        "external_id": _with_part(envelope.external_id, judgement.part),
        "generation": msgspec.to_builtins(_known_by_id(envelope) if judgement.part else envelope.generation),
        "detector": msgspec.to_builtins(envelope.detector or judgement.detector),
        "taxonomy": msgspec.to_builtins(judgement.taxonomy),
        "flagged": list(judgement.flagged),
        "labels": dict(judgement.labels),
        "scores": dict(judgement.scores),
        "score_kind": judgement.score_kind if judgement.scores else None,
        "spans": [dict(span) for span in judgement.spans],
        "metadata": envelope.metadata | dict(judgement.metadata) | ({"judged": judged} if judged else {}),
    }
    return unjudged(envelope) | {name: value for name, value in said.items() if value not in (None, [], {})}


def unjudged(envelope: Envelope[Any]) -> dict[str, Any]:
    """Make the native alert that says only what the envelope does: no detector has judged it."""
    said = {
        "external_id": envelope.external_id,
        "occurred_at": envelope.occurred_at.isoformat(),
        "kind": envelope.kind,
        "generation": msgspec.to_builtins(envelope.generation),
        "actor": msgspec.to_builtins(envelope.actor),
        "detector": msgspec.to_builtins(envelope.detector),
        "thresholds": dict(envelope.thresholds),
        "comment": envelope.comment,
        "sampling_rate": envelope.sampling_rate,
        "metadata": envelope.metadata,
    }
    return {name: value for name, value in said.items() if value not in (None, {}, "")}


def _with_part(external_id: str, part: str) -> str:
    return f"{external_id}:{part}" if part else external_id


def _known_by_id(envelope: Envelope[Any]) -> Generation:
    """Return the generation with an id, so that all alerts of one record are about the same one.

    A made-up id holds a digest of the content: it is shared in a namespace, where an external id alone is not unique.
    """
    generation = envelope.generation
    if generation.external_id is not None:
        return generation
    digest = hashlib.sha256(msgspec.json.encode([envelope.external_id, generation])).hexdigest()
    return msgspec.structs.replace(generation, external_id=f"generation:{digest}")


def side_of(envelope: Envelope[Any]) -> Side | None:
    """Return the side that was judged: as the envelope says, or by who spoke last."""
    if envelope.judged or not envelope.generation.messages:
        return envelope.judged
    return side_of_role(envelope.generation.messages[-1].role)


def side_of_role(role: str) -> Side:
    """Return the side that a role speaks for."""
    return "response" if role.lower() in {"assistant", "model", "agent"} else "prompt"


def judged_message(envelope: Envelope[Any]) -> tuple[int, str] | None:
    """Return number and text of the message that was judged: the last one of its side; None without the text."""
    messages, side = envelope.generation.messages or [], side_of(envelope)
    for number in reversed(range(len(messages))):
        if side == "interaction" or side_of_role(messages[number].role) == side:
            return number, messages[number].content
    return None


def at_or_above(
    scores: Mapping[str, float], thresholds: Mapping[str, float], *, otherwise: float = math.inf
) -> list[str]:
    """Return the categories that reach their threshold, in their order; ``otherwise`` holds for those without one."""
    return [name for name, score in scores.items() if score >= thresholds.get(name, otherwise)]
