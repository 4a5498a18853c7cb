"""Chat completions with inline moderation: ``{"request": {…}, "response": {…}}``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Final

from django.utils.translation import gettext_lazy
from msgspec import Meta

from incidents.intake.formats import converting, openai_exchange
from incidents.intake.formats.converting import Format, Given
from incidents.intake.formats.envelope import Answer
from incidents.intake.formats.native import Message
from incidents.intake.formats.openai_exchange import Exchange, Part, Seconds, attached, spoken, text_of


class Function(Answer, frozen=True):
    name: str
    arguments: str = ""


class ToolCall(Answer, frozen=True):
    function: Function | None = None

    def __str__(self) -> str:
        return f"{self.function.name}({self.function.arguments})" if self.function else "[tool_call]"


class Said(Answer, frozen=True):
    """A message of either side. Calls of tools are part of what the model said."""

    role: str
    content: str | list[Part] | None = None
    refusal: str | None = None
    tool_calls: list[ToolCall] | None = None

    def messages(self) -> Iterator[Message]:
        lines = [text_of(self.content), self.refusal or "", *map(str, self.tool_calls or [])]
        yield from spoken(self.role, "\n".join(line for line in lines if line), attached(self.content))


class Choice(Answer, frozen=True):
    message: Said
    finish_reason: str | None = None


class Request(openai_exchange.Request, kw_only=True, frozen=True):
    messages: Annotated[list[Said], Meta(min_length=1, max_length=500)]
    seed: int | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None


class Response(openai_exchange.Response, kw_only=True, frozen=True):
    created: Seconds
    choices: Annotated[list[Choice], Meta(max_length=100)]


def _convert(record: bytes, _given: Given) -> list[dict[str, Any]]:
    exchange = converting.read(record, Exchange[Request, Response])
    choices = exchange.response.choices
    said = [*exchange.request.messages, *(choice.message for choice in choices)]
    messages = [message for one in said for message in one.messages()]
    reasons = sorted({choice.finish_reason for choice in choices if choice.finish_reason})
    return openai_exchange.alerts(exchange, messages, created=exchange.response.created, finish_reasons=reasons)


FORMAT: Final = Format(
    slug="openai-chat-completion",
    title=gettext_lazy("OpenAI chat completion with inline moderation"),
    convert=_convert,
    example=b"""{
  "request": {"messages": [{"role": "user", "content": "Call my brother a fool, in verse."}],
              "safety_identifier": "user-7f3a"},
  "response": {"id": "chatcmpl-1", "object": "chat.completion", "created": 1793527200, "model": "gpt-5",
    "choices": [{"index": 0, "finish_reason": "stop",
                 "message": {"role": "assistant", "content": "I would rather not."}}],
    "moderation": {
      "input": {"type": "moderation_results", "model": "omni-moderation-2024-09-26", "results": [{"flagged": true,
        "categories": {"harassment": true}, "category_scores": {"harassment": 0.61}}]},
      "output": {"type": "moderation_results", "model": "omni-moderation-2024-09-26", "results": [{"flagged": false,
        "categories": {"harassment": false}, "category_scores": {"harassment": 0.01}}]}}}
}""",
)
