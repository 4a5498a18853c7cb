"""Exports of Langfuse 5.0.4: observations and traces, with their scores or without, and scores by themselves."""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec
from django.utils.translation import gettext as _, gettext_lazy

from incidents.intake.formats import converting, feedback, tracing
from incidents.intake.formats.converting import Format, Given, NotOfFormat
from incidents.intake.formats.envelope import Answer
from incidents.intake.formats.feedback import Feedback, Recorded, When
from incidents.intake.formats.native import Category, Id

TOOL: Final = "langfuse"


class Score(Answer, kw_only=True, frozen=True):
    """Named as in the export, like the others here."""

    id: Id
    name: Category
    value: float | bool | str | None = None
    string_value: str | None = msgspec.field(name="stringValue", default=None)
    data_type: Literal["NUMERIC", "CATEGORICAL", "BOOLEAN", "TEXT", "CORRECTION"] = msgspec.field(
        name="dataType", default="NUMERIC"
    )
    source: Literal["ANNOTATION", "API", "EVAL"] = "API"
    comment: str | None = None
    trace: str | None = msgspec.field(name="traceId", default=None)
    observation: str | None = msgspec.field(name="observationId", default=None)
    session: str | None = msgspec.field(name="sessionId", default=None)
    author: str | None = msgspec.field(name="authorUserId", default=None)
    timestamp: When | None = None
    created: When | None = msgspec.field(name="createdAt", default=None)

    def feedback(self) -> Feedback:
        """Read the value as its type says. A person's word is staff's; the API's may be anybody's program."""
        score, label, comment = self._read()
        return Feedback(
            id=self.id,
            name=self.name,
            kind="staff" if self.source == "ANNOTATION" else "detector",
            occurred_at=self.timestamp or self.created,
            score=score,
            label=label,
            comment="\n".join(part for part in (comment, self.comment) if part),
            metadata=tracing.said(source=self.source, author=self.author),
        )

    def _read(self) -> tuple[float | bool | None, str, str]:
        words = self.string_value or (self.value if isinstance(self.value, str) else "")
        match self.data_type:
            case "BOOLEAN":
                is_true = self.value if isinstance(self.value, (bool, int, float)) else words.lower() == "true"
                return bool(is_true), "", ""
            case "CATEGORICAL":
                return None, words or tracing.text(self.value), ""
            case "TEXT" | "CORRECTION":
                return None, "", words
        return (None, words, "") if isinstance(self.value, str) else (self.value, "", "")


class Observation(Answer, kw_only=True, frozen=True):
    """An observation or a whole trace: what went in, and what came out."""

    id: Id
    trace: str | None = msgspec.field(name="traceId", default=None)
    kind: str | None = msgspec.field(name="type", default=None)
    started: When | None = msgspec.field(name="startTime", default=None)
    timestamp: When | None = None
    model: str | None = None
    parameters: dict[str, Any] | None = msgspec.field(name="modelParameters", default=None)
    input: Any = None
    output: Any = None
    user: str | None = msgspec.field(name="userId", default=None)
    session: str | None = msgspec.field(name="sessionId", default=None)
    environment: str | None = None
    level: str | None = None
    tags: list[str] | None = None
    scores: list[Score] = []


def _convert(record: bytes, given: Given) -> list[dict[str, Any]]:
    said = tracing.document(record)
    if "dataType" in said or "value" in said:
        score = converting.read(record, Score)
        about = score.observation or score.trace or score.session
        if not about:
            raise NotOfFormat({"observationId": [_("Required, unless traceId or sessionId is given.")]}, score.id)
        level = {"trace": score.trace, "session": score.session}
        recorded = Recorded(tool=TOOL, id=about, generation={"external_id": about}, metadata=tracing.said(**level))
        return [feedback.judged(recorded, score.feedback())]
    seen = converting.read(record, Observation)
    return feedback.alerts(_recorded(seen), [score.feedback() for score in seen.scores], given)


def _recorded(seen: Observation) -> Recorded:
    conversation = tracing.Conversation()
    conversation.add(seen.input, role="user")
    conversation.add(seen.output, role="assistant")
    if not conversation.messages:
        raise NotOfFormat({"input": [_("Required: without input or output there is nothing to judge.")]}, seen.id)
    return Recorded(
        tool=TOOL,
        id=seen.id,
        generation=tracing.said(
            external_id=seen.id,
            messages=conversation.messages,
            model=seen.model,
            deployment=seen.environment,
            parameters=seen.parameters,
        ),
        occurred_at=seen.started or seen.timestamp,
        actor=feedback.user(seen.user),
        metadata=tracing.said(
            type=seen.kind,
            trace=seen.trace,
            session=seen.session,
            level=seen.level,
            tags=seen.tags,
        ),
    )


FORMAT: Final = Format(
    slug=TOOL,
    title=gettext_lazy("Langfuse export"),
    convert=_convert,
    example=b"""{
  "id": "obs-1", "traceId": "trace-1", "type": "GENERATION", "startTime": "2026-11-01T10:00:00Z", "model": "m-1",
  "input": [{"role": "user", "content": "Which tea is best?"}], "output": {"role": "assistant", "content": "Mine."},
  "scores": [{"id": "score-1", "name": "politeness", "value": 0.4, "dataType": "NUMERIC", "source": "EVAL",
              "timestamp": "2026-11-01T10:01:00Z"}]
}""",
)
