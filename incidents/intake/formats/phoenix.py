"""Exports of Phoenix: spans with OpenInference attributes, annotated or not, and annotations by themselves.

Phoenix client 3.5.0. Attributes stand under dotted names or nested, messages under numbers or in lists.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from django.utils.translation import gettext as _, gettext_lazy

from incidents.intake.formats import converting, feedback, tracing
from incidents.intake.formats.converting import Format, Given, NotOfFormat
from incidents.intake.formats.envelope import Answer
from incidents.intake.formats.feedback import Feedback, Recorded, When
from incidents.intake.formats.native import Category, Id

TOOL: Final = "phoenix"
MOST_MESSAGES: Final = 500


class Result(Answer, frozen=True):
    label: str | None = None
    score: float | None = None
    explanation: str | None = None


class Annotation(Answer, kw_only=True, frozen=True):
    name: Category
    annotator_kind: Literal["LLM", "CODE", "HUMAN"]
    result: Result | None = None
    id: str | None = None
    span_id: str | None = None
    trace_id: str | None = None
    session_id: str | None = None
    identifier: str | None = None
    user_id: str | None = None
    created_at: When | None = None

    def feedback(self, about: str) -> Feedback:
        result = self.result or Result()
        return Feedback(
            id=self.id or tracing.identifier(about, self.name, self.identifier or ""),
            name=self.name,
            kind="staff" if self.annotator_kind == "HUMAN" else "detector",
            occurred_at=self.created_at,
            score=result.score,
            label=result.label or "",
            comment=result.explanation or "",
            metadata=tracing.said(source=self.annotator_kind, author=self.user_id),
        )


class Context(Answer, frozen=True):
    span_id: Id
    trace_id: str | None = None


class Span(Answer, kw_only=True, frozen=True):
    context: Context
    start_time: When
    name: str | None = None
    span_kind: str | None = None
    status_code: str | None = None
    attributes: dict[str, Any] = {}
    annotations: list[Annotation] = []


def _convert(record: bytes, given: Given) -> list[dict[str, Any]]:
    if "annotator_kind" in tracing.document(record):
        annotation = converting.read(record, Annotation)
        about = annotation.span_id or annotation.trace_id or annotation.session_id
        if not about:
            raise NotOfFormat({"span_id": [_("Required, unless trace_id or session_id is given.")]})
        recorded = Recorded(tool=TOOL, id=about, generation={"external_id": about})
        return [feedback.judged(recorded, annotation.feedback(about))]
    span = converting.read(record, Span)
    judgements = [annotation.feedback(span.context.span_id) for annotation in span.annotations]
    return feedback.alerts(_recorded(span), judgements, given)


def _recorded(span: Span) -> Recorded:
    said, conversation = span.attributes, tracing.Conversation()
    for side, role in (("input", "user"), ("output", "assistant")):
        messages = list(_messages(said, f"llm.{side}_messages", role))
        conversation.add(messages or attribute(said, f"{side}.value"), role=role)
    if not conversation.messages:
        sentence = _("Required: without messages or an input there is nothing to judge.")
        raise NotOfFormat({"attributes.input.value": [sentence]}, span.context.span_id)
    return Recorded(
        tool=TOOL,
        id=span.context.span_id,
        generation=tracing.said(
            external_id=span.context.span_id,
            messages=conversation.messages,
            model=tracing.text(attribute(said, "llm.model_name")),
        ),
        occurred_at=span.start_time,
        actor=feedback.user(attribute(said, "user.id")),
        metadata=tracing.said(
            type=span.span_kind,
            trace=span.context.trace_id,
            session=attribute(said, "session.id"),
            status=span.status_code,
        ),
    )


def attribute(attributes: Mapping[str, Any], name: str) -> Any:
    """Return an attribute under its dotted name, or nested at any of the dots."""
    if name in attributes:
        return attributes[name]
    head, dot, rest = name.partition(".")
    while dot:
        inner = attributes.get(head)
        if isinstance(inner, dict) and (found := attribute(inner, rest)) is not None:
            return found
        more, dot, rest = rest.partition(".")
        head = f"{head}.{more}"
    return None


def _messages(attributes: Mapping[str, Any], name: str, role: str) -> Iterator[dict[str, Any]]:
    found = attribute(attributes, name)
    if isinstance(found, list):
        yield from (_message(one, "message", role) for one in found[:MOST_MESSAGES] if isinstance(one, dict))
        return
    for index in range(MOST_MESSAGES):
        if attribute(attributes, f"{name}.{index}.message.content") is None:
            return
        yield _message(attributes, f"{name}.{index}.message", role)


def _message(holder: Mapping[str, Any], path: str, otherwise: str) -> dict[str, Any]:
    role = attribute(holder, f"{path}.role")
    known = role if isinstance(role, str) and role else otherwise
    return {"role": known, "content": attribute(holder, f"{path}.content")}


FORMAT: Final = Format(
    slug=TOOL,
    title=gettext_lazy("Phoenix export"),
    convert=_convert,
    example=b"""{
  "name": "ChatCompletion", "context": {"trace_id": "trace-1", "span_id": "span-1"}, "span_kind": "LLM",
  "start_time": "2026-11-01T10:00:00+00:00",
  "attributes": {"llm.model_name": "m-1", "llm.input_messages.0.message.role": "user",
                 "llm.input_messages.0.message.content": "Which tea is best?", "output.value": "Mine."},
  "annotations": [{"name": "politeness", "annotator_kind": "LLM", "created_at": "2026-11-01T10:01:00+00:00",
                   "result": {"label": "fail", "score": 0.4, "explanation": "It boasts."}}]
}""",
)
