"""Responses with inline moderation: ``{"request": {…}, "response": {…}}``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Final

from django.utils.translation import gettext_lazy
from msgspec import Meta

from incidents.intake.formats import attaching, converting, openai_exchange
from incidents.intake.formats.converting import Format, Given
from incidents.intake.formats.envelope import Answer
from incidents.intake.formats.native import Message
from incidents.intake.formats.openai_exchange import Exchange, Part, Seconds, as_text, attached, spoken, text_of


class Item(Answer, frozen=True):
    """An item of input or output: a message, a call of a tool, what the tool gave, or something else by its type."""

    type: str = "message"
    role: str = ""
    content: str | list[Part] | None = None
    name: str = ""
    arguments: str = ""
    output: Any = None
    result: Any = None

    def messages(self, role: str) -> Iterator[Message]:
        """Yield what was said; ``role`` is who speaks where the item does not say. Reasoning is left out."""
        match self.type:
            case "message":
                yield from spoken(self.role or role, text_of(self.content), attached(self.content))
            case "function_call":
                yield from spoken("assistant", f"{self.name}({self.arguments})")
            case "function_call_output":
                yield from spoken("tool", as_text(self.output))
            case "reasoning":
                return
            case "image_generation_call":
                image = attaching.attachment("image", data=self.result) if isinstance(self.result, str) else None
                yield from spoken("assistant", f"[{self.type}]", (image,) if image else ())
            case other:
                yield from spoken(self.role or role, f"[{other}]")


Items = Annotated[list[Item], Meta(max_length=500)]


class Request(openai_exchange.Request, kw_only=True, frozen=True):
    input: str | Items | None = None
    instructions: str | None = None
    max_output_tokens: int | None = None


class Conversation(Answer, frozen=True):
    id: str


class Incomplete(Answer, frozen=True):
    reason: str | None = None


class Response(openai_exchange.Response, kw_only=True, frozen=True):
    created_at: Seconds
    output: Items = []
    status: str | None = None
    incomplete_details: Incomplete | None = None
    instructions: str | Items | None = None
    safety_identifier: str | None = None
    user: str | None = None
    conversation: Conversation | None = None
    previous_response_id: str | None = None


def _convert(record: bytes, _given: Given) -> list[dict[str, Any]]:
    exchange = converting.read(record, Exchange[Request, Response])
    request, response = exchange.request, exchange.response
    messages = [
        *_said(request.instructions or response.instructions, "system"),
        *_said(request.input, "user"),
        *_said(response.output, "assistant"),
    ]
    return openai_exchange.alerts(
        exchange,
        messages,
        created=response.created_at,
        status=response.status,
        incomplete=response.incomplete_details.reason if response.incomplete_details else None,
        conversation=response.conversation.id if response.conversation else None,
        previous_response=response.previous_response_id,
    )


def _said(content: str | Sequence[Item] | None, role: str) -> Iterator[Message]:
    if isinstance(content, str):
        yield from spoken(role, content)
        return
    for item in content or []:
        yield from item.messages(role)


FORMAT: Final = Format(
    slug="openai-responses",
    title=gettext_lazy("OpenAI response with inline moderation"),
    convert=_convert,
    example=b"""{
  "request": {"input": "Call my brother a fool, in verse.", "safety_identifier": "user-7f3a"},
  "response": {"id": "resp_1", "object": "response", "created_at": 1793527200.5,
    "model": "gpt-5", "status": "completed",
    "output": [{"type": "message", "role": "assistant",
                "content": [{"type": "output_text", "text": "I would rather not."}]}],
    "moderation": {
      "input": {"type": "moderation_results", "model": "omni-moderation-2024-09-26", "results": [{"flagged": true,
        "categories": {"harassment": true}, "category_scores": {"harassment": 0.61}}]},
      "output": {"type": "moderation_results", "model": "omni-moderation-2024-09-26", "results": [{"flagged": false,
        "categories": {"harassment": false}, "category_scores": {"harassment": 0.01}}]}}}
}""",
)
