"""Exports of LangSmith: runs, with their feedback or without, and feedback by itself. LangSmith 0.15.0."""

from __future__ import annotations

from typing import Any, Final, Literal

from django.utils.translation import gettext as _, gettext_lazy

from incidents.intake.formats import converting, feedback, tracing
from incidents.intake.formats.converting import Format, Given, NotOfFormat
from incidents.intake.formats.envelope import Answer
from incidents.intake.formats.feedback import Feedback, Recorded, When
from incidents.intake.formats.native import Category, Id

TOOL: Final = "langsmith"


class Origin(Answer, frozen=True):
    type: str = "api"
    user_id: str | None = None
    user_name: str | None = None


class Said(Answer, kw_only=True, frozen=True):
    id: Id
    key: Category
    run_id: Id | None = None
    trace_id: str | None = None
    score: float | bool | None = None
    value: Any = None
    comment: str | None = None
    correction: Any = None
    feedback_source: Origin | None = None
    created_at: When | None = None

    def feedback(self) -> Feedback:
        """Read one entry. A model's is a detector's, a named member of staff's is staff's, the rest come from users."""
        origin = self.feedback_source or Origin()
        kind: Literal["detector", "staff", "user_report"] = "user_report"
        if origin.type == "model":
            kind = "detector"
        elif origin.user_id or origin.user_name:
            kind = "staff"
        return Feedback(
            id=self.id,
            name=self.key,
            kind=kind,
            occurred_at=self.created_at,
            score=self.value if self.score is None and isinstance(self.value, bool) else self.score,
            label=self.value if isinstance(self.value, str) else "",
            comment=self.comment or "",
            metadata=tracing.said(
                source=origin.type,
                author=origin.user_name or origin.user_id,
                correction=self.correction,
                value=self.value if isinstance(self.value, (dict, list)) else None,
            ),
        )


class Run(Answer, kw_only=True, frozen=True):
    id: Id
    start_time: When
    run_type: str | None = None
    inputs: Any = None
    outputs: Any = None
    error: str | None = None
    extra: dict[str, Any] | None = None
    trace_id: str | None = None
    session_id: str | None = None
    tags: list[str] | None = None
    feedback: list[Said] = []

    def known(self, part: str) -> dict[str, Any]:
        """Return one part of what the application added, if it is an object."""
        found = (self.extra or {}).get(part)
        return found if isinstance(found, dict) else {}


def _convert(record: bytes, given: Given) -> list[dict[str, Any]]:
    if "key" in tracing.document(record):
        said = converting.read(record, Said)
        about = said.run_id or said.trace_id
        if not about:
            raise NotOfFormat({"run_id": [_("Required, unless trace_id is given.")]}, said.id)
        return [feedback.judged(Recorded(tool=TOOL, id=about, generation={"external_id": about}), said.feedback())]
    run = converting.read(record, Run)
    return feedback.alerts(_recorded(run), [said.feedback() for said in run.feedback], given)


def _recorded(run: Run) -> Recorded:
    conversation = tracing.Conversation()
    conversation.add(run.inputs, role="user")
    conversation.add(run.outputs, role="assistant")
    if not conversation.messages:
        raise NotOfFormat({"inputs": [_("Required: without inputs or outputs there is nothing to judge.")]}, run.id)
    added, asked = run.known("metadata"), run.known("invocation_params")
    model = added.get("ls_model_name") or asked.get("model") or asked.get("model_name")
    parameters = {name: asked.get(name) for name in ("temperature", "top_p", "max_tokens", "seed")}
    return Recorded(
        tool=TOOL,
        id=run.id,
        generation=tracing.said(
            external_id=run.id,
            messages=conversation.messages,
            model=tracing.text(model),
            parameters=tracing.said(**parameters),
        ),
        occurred_at=run.start_time,
        actor=feedback.user(added.get("user_id")),
        metadata=tracing.said(
            type=run.run_type,
            trace=run.trace_id,
            project=run.session_id,
            thread=added.get("thread_id") or added.get("session_id"),
            tags=run.tags,
            error=run.error,
        ),
    )


FORMAT: Final = Format(
    slug=TOOL,
    title=gettext_lazy("LangSmith export"),
    convert=_convert,
    example=b"""{
  "id": "run-1", "run_type": "llm", "start_time": "2026-11-01T10:00:00",
  "inputs": {"messages": [{"role": "user", "content": "Which tea is best?"}]}, "outputs": {"output": "Mine."},
  "feedback": [{"id": "feedback-1", "run_id": "run-1", "key": "politeness", "score": 0.4,
                "feedback_source": {"type": "model"}, "created_at": "2026-11-01T10:01:00"}]
}""",
)
