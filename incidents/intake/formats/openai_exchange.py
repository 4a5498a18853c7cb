"""What chat completions and responses of OpenAI share: request and answer side by side, and inline moderation.

The answer does not repeat the request, so a record holds both. openai-python 3.54.0, ``types/chat``,
``types/responses``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Generic, Literal, TypeVar

import msgspec
from django.utils.translation import gettext as _, gettext_lazy
from msgspec import Meta

from incidents.intake.formats import attaching, envelope, openai_moderation
from incidents.intake.formats.converting import NotOfFormat
from incidents.intake.formats.envelope import Answer, Envelope, Judgement
from incidents.intake.formats.native import Actor, Attachment, Generation, Id, Message, Name, Rate, Shape

_SECONDS: Final = gettext_lazy("Must be a time in seconds since 1970.")
Seconds = Annotated[float, Meta(ge=0, lt=7_258_118_400, extra={"sentence": _SECONDS, "values": {}})]  # until 2200

Q = TypeVar("Q")
R = TypeVar("R")


class Part(Answer, frozen=True):
    """A part of a message. What is not text has its place in the text by its type, and is attached as a reference."""

    type: str
    text: str | None = None
    refusal: str | None = None
    image_url: Any = None
    input_audio: Any = None
    file: Any = None
    file_id: Any = None
    file_url: Any = None
    file_data: Any = None
    filename: Any = None

    def __str__(self) -> str:
        return self.text or self.refusal or f"[{self.type}]"


class Moderated(Answer, frozen=True):
    """One side: results, or the error that kept the provider from judging it."""

    type: str
    model: str = ""
    results: Annotated[list[openai_moderation.Result], Meta(max_length=100)] = []
    code: str = ""
    message: str = ""


class Moderation(Answer, frozen=True):
    input: Moderated | None = None
    output: Moderated | None = None


class Request(Answer, frozen=True):
    """What both kinds of request say."""

    safety_identifier: str | None = None
    user: str | None = None
    temperature: float | None = None
    top_p: float | None = None

    def parameters(self) -> dict[str, Any]:
        """Return how the model was asked, without what was asked."""
        names = ("temperature", "top_p", "seed", "max_tokens", "max_completion_tokens", "max_output_tokens")
        return {name: value for name in names if (value := getattr(self, name, None)) is not None}


class Response(Answer, frozen=True):
    """What both kinds of answer say."""

    id: Id
    model: str
    moderation: Moderation | None = None
    metadata: dict[str, Any] | None = None


class Exchange(Shape, Generic[Q, R], frozen=True):
    """One record. ``kind`` says why it comes in where no moderation does."""

    request: Q
    response: R
    kind: Literal["detector", "user_report", "partner_report", "staff", "random_sample"] = "detector"
    actor: Actor | None = None
    deployment: Name = ""
    stage: str | None = None
    use_case: Name = ""
    language: str = ""
    sampling_rate: Rate = 1.0
    comment: str = ""
    metadata: dict[str, Any] = {}


def attached(content: str | Sequence[Part] | None) -> list[Attachment]:
    """Return what came along with the text of a message."""
    parts = [] if isinstance(content, str) else content or []
    return [attaching.of_part(msgspec.structs.asdict(part)) for part in parts if part.type in attaching.MEDIA]


def text_of(content: str | Sequence[Part] | None) -> str:
    """Join the parts of a message, each on a line of its own."""
    return content if isinstance(content, str) else "\n".join(str(part) for part in content or [])


def alerts(
    exchange: Exchange[Any, Any], messages: list[Message], *, created: float, **metadata: Any
) -> list[dict[str, Any]]:
    """Make an alert for each side that was moderated; or one, with nothing flagged, if ``kind`` says why it comes."""
    read = _enveloped(exchange, messages, created, metadata)
    moderation: Moderation | None = exchange.response.moderation
    if moderation is None or (moderation.input is None and moderation.output is None):
        return [_unjudged(exchange, read)]
    sides = {"prompt": moderation.input, "response": moderation.output}
    failed = {side: found for side, found in sides.items() if found and not found.results}
    judgements = list(_judgements(sides, {"not_judged": {side: why.code[:100] for side, why in failed.items()}}))
    if not judgements:
        raise _not_judged(failed, exchange.response.id)
    return [envelope.alert(read, judgement) for judgement in judgements]


def _judgements(sides: dict[str, Moderated | None], not_judged: dict[str, Any]) -> Iterator[Judgement]:
    metadata = not_judged if not_judged["not_judged"] else {}
    for side, found in sides.items():
        results = found.results if found else []
        for index, result in enumerate(results):
            model = result.model or (found.model if found else "")
            part = side if len(results) == 1 else f"{side}:{index}"
            yield openai_moderation.judgement(result, model=model, judged=side, part=part, **metadata)


def _not_judged(failed: dict[str, Moderated], external_id: str) -> NotOfFormat:
    names = {"prompt": "input", "response": "output"}
    sentence = _("The provider could not judge this: %(code)s %(message)s")
    errors = {
        f"response.moderation.{names[side]}": [sentence % {"code": why.code[:100], "message": why.message[:300]}]
        for side, why in failed.items()
    }
    return NotOfFormat(errors, external_id)


def _unjudged(exchange: Exchange[Any, Any], read: Envelope[None]) -> dict[str, Any]:
    """Make the alert that a person or a sample brings in: no detector has said anything."""
    if exchange.kind == "detector":
        sentence = _("Required, unless kind is another than detector: without it nobody has judged this.")
        raise NotOfFormat({"response.moderation": [sentence]}, read.external_id)
    return envelope.unjudged(read)


def _enveloped(
    exchange: Exchange[Any, Any], messages: list[Message], created: float, metadata: dict[str, Any]
) -> Envelope[None]:
    response = exchange.response
    known = {name: value for name, value in metadata.items() if value not in (None, "", [])}
    if response.metadata:
        known["openai_metadata"] = response.metadata
    return Envelope(
        external_id=response.id,
        occurred_at=datetime.fromtimestamp(created, UTC),
        kind=exchange.kind,
        generation=_generation(exchange, messages),
        actor=exchange.actor or _actor(exchange.request),
        sampling_rate=exchange.sampling_rate,
        comment=exchange.comment,
        metadata=exchange.metadata | known,
        payload=None,
    )


def _generation(exchange: Exchange[Any, Any], messages: list[Message]) -> Generation:
    return Generation(
        external_id=exchange.response.id,
        messages=messages,
        model=exchange.response.model,
        deployment=exchange.deployment,
        stage=exchange.stage,  # type: ignore[arg-type]  # held against the native shape later
        use_case=exchange.use_case,
        language=exchange.language,
        parameters=exchange.request.parameters(),
    )


def _actor(request: Request) -> Actor | None:
    identifier = request.safety_identifier or request.user
    return Actor(kind="user", external_id=identifier) if identifier else None


def spoken(role: str, text: str, attachments: Sequence[Attachment] = ()) -> Iterator[Message]:
    """Yield the message, unless nothing was said."""
    if text:
        yield Message(role=role, content=text, attachments=list(attachments))


def as_text(value: Any) -> str:
    """Return text as it is, and anything else as its JSON."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
