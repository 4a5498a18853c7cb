"""OpenTelemetry's conventions for generative AI: inference, evaluation results, and the proposed guardrail runs.

semantic-conventions 1.41.1, docs/gen-ai; guardrails as proposed in semantic-conventions-genai (names may still change).
An inference brings a generation that nobody has judged. Evaluations and guardrails are alerts about one, by the id of
its response or by its span.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from django.utils.translation import gettext as _, gettext_lazy

from incidents.intake.formats import otel_signals, tracing, verdicts
from incidents.intake.formats.converting import Format, Given, NotOfFormat
from incidents.intake.formats.otel_signals import Signal
from incidents.intake.formats.tracing import Conversation, said, text

EVALUATION: Final = "gen_ai.evaluation.result"
FINDING: Final = "gen_ai.guardrail.security.finding"
GUARDRAIL: Final = "run_guardrail"
VERDICT: Final = "gen_ai.guardrail.verdict.type"
TAXONOMY: Final = {"name": "otel-genai-risk"}
SIDES: Final = {"input": "prompt", "output": "response"}

_OLD_EVENTS: Final = {
    f"gen_ai.{role}.message": role for role in ("system", "user", "assistant", "tool")
}  # and gen_ai.choice
_PARAMETERS: Final = ("temperature", "top_p", "top_k", "max_tokens", "seed", "frequency_penalty", "presence_penalty")
_INFERENCE: Final = ("gen_ai.operation.name", "gen_ai.request.model", "gen_ai.input.messages", "gen_ai.prompt")
_RISK: Final = ("gen_ai.guardrail.security.risk.category", "gen_ai.security.risk.category")
_SCORE: Final = ("gen_ai.guardrail.security.risk.score", "gen_ai.security.risk.score")


def _convert(record: bytes, given: Given) -> list[dict[str, Any]]:
    signals, is_export = otel_signals.signals(tracing.document(record))
    alerts = [alert for signal in signals for alert in _alerts(signal, given)]
    if not alerts and not is_export:
        raise NotOfFormat({"attributes": [_("Nothing of the conventions for generative AI is in here.")]})
    return alerts


def _alerts(signal: Signal, given: Given) -> Iterator[dict[str, Any]]:
    judging = [event for event in signal.events if event.name in {EVALUATION, FINDING}]
    if signal.name == EVALUATION:
        yield _evaluation(signal, _generation(signal))
    elif signal.get("gen_ai.operation.name") == GUARDRAIL or signal.get(VERDICT) or signal.name == FINDING:
        yield _guardrail(signal, _guarded(signal))
    elif any(name in signal.attributes for name in _INFERENCE) and not judging:
        conversation = _conversation(signal)
        if conversation.messages or not signal.path:  # an export is full of spans whose content was not recorded
            yield _inference(signal, conversation, given)
    if not judging:
        return
    generation = _guarded(signal) if signal.get(VERDICT) else _generation(signal)
    for index, event in enumerate(judging):
        make = _evaluation if event.name == EVALUATION else _guardrail
        # One alert brings the messages: a long conversation with many results must not become many long alerts.
        yield make(event, {"external_id": generation["external_id"]} if index or signal.get(VERDICT) else generation)


def _inference(signal: Signal, conversation: Conversation, given: Given) -> dict[str, Any]:
    if not conversation.messages:
        raise signal.refuse(
            "attributes.gen_ai.input.messages", _("Required: without messages there is nothing to judge.")
        )
    reasons = signal.get("gen_ai.response.finish_reasons") or []
    is_filtered = isinstance(reasons, list) and "content_filter" in reasons
    judged = {"kind": "detector", "flagged": ["content_filter"], "taxonomy": {"name": "otel-finish-reason"}}
    return _alert(signal, _generation(signal, conversation), "") | (judged if is_filtered else tracing.unjudged(given))


def _evaluation(signal: Signal, generation: dict[str, Any]) -> dict[str, Any]:
    name = signal.get("gen_ai.evaluation.name")
    if not isinstance(name, str) or not name:
        raise signal.refuse("attributes.gen_ai.evaluation.name", _("This field is required."))
    given_score, label = signal.get("gen_ai.evaluation.score.value"), signal.get("gen_ai.evaluation.score.label")
    score = tracing.number(given_score)
    if given_score is not None and score is None:
        raise signal.refuse("attributes.gen_ai.evaluation.score.value", _("Must be a number."))
    verdict = verdicts.is_violation(label) if isinstance(label, str) else None
    alert = _alert(signal, generation, f"evaluation:{name}")
    return alert | {
        "detector": {"name": name},
        "taxonomy": {"name": "otel-evaluation"},
        "flagged": [name] if verdict else [],
        "labels": {} if verdict is None else {name: verdict},
        "scores": {} if score is None else {name: score},
        "comment": text(signal.get("gen_ai.evaluation.explanation")),
        "metadata": alert["metadata"] | said(label=label, error=signal.get("error.type")),
    }


def _guardrail(signal: Signal, generation: dict[str, Any]) -> dict[str, Any]:
    """Read verdict and action apart: what was found, and what was done."""
    verdict = signal.get(VERDICT) or ("found" if signal.name == FINDING else None)
    if not isinstance(verdict, str):
        raise signal.refuse(f"attributes.{VERDICT}", _("This field is required."))
    category = text(signal.get(*_RISK)) or text(signal.get("gen_ai.guardrail.verdict.code")) or "guardrail"
    given_score = signal.get(*_SCORE)
    score = tracing.number(given_score)
    if given_score is not None and score is None:
        raise signal.refuse(f"attributes.{_SCORE[0]}", _("Must be a number."))
    side = SIDES.get(text(signal.get("gen_ai.guardrail.target.type")))
    alert = _alert(signal, generation, f"guardrail:{category}")
    return alert | {
        "detector": {"name": text(signal.get("gen_ai.guardrail.component.name")) or "guardrail"},
        "taxonomy": TAXONOMY,
        "flagged": [] if verdict == "allow" else [category],
        "labels": {category: verdict != "allow"},
        "scores": {} if score is None else {category: score},
        "score_kind": "probability" if score is not None and 0 <= score <= 1 else None,
        "metadata": alert["metadata"]
        | said(
            judged=side,
            verdict=verdict,
            action=signal.get("gen_ai.guardrail.action.type"),
            reason=signal.get("gen_ai.guardrail.verdict.reason"),
            code=signal.get("gen_ai.guardrail.verdict.code"),
            target=signal.get("gen_ai.guardrail.target.subtype"),
            target_id=signal.get("gen_ai.guardrail.target.id"),
            policy=signal.get("gen_ai.guardrail.security.policy.id", "gen_ai.security.policy.id"),
            rule=signal.get("gen_ai.guardrail.security.policy.rule.id", "gen_ai.security.policy.rule.id"),
            content_hash=signal.get("gen_ai.guardrail.security.content.input.hash"),
            finding=signal.get("gen_ai.guardrail.security.external_finding_id"),
        ),
    }


def _alert(signal: Signal, generation: dict[str, Any], part: str) -> dict[str, Any]:
    about = str(generation["external_id"])
    one = tracing.digest([signal.occurred_at, signal.attributes]) if part else ""  # of several about one response
    return said(
        external_id=tracing.identifier("otel", about, part, one),
        occurred_at=signal.occurred_at,
        kind="detector",
        generation=generation,
        actor=_actor(signal),
    ) | {
        "metadata": said(
            operation=signal.get("gen_ai.operation.name"),
            provider=signal.get("gen_ai.provider.name", "gen_ai.system"),
            conversation=signal.get("gen_ai.conversation.id"),
            session=signal.get("session.id"),
            finish_reasons=signal.get("gen_ai.response.finish_reasons"),
            input_tokens=signal.get("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"),
            output_tokens=signal.get("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"),
            error=signal.get("error.type"),
            trace=signal.trace,
            span=signal.span,
        )
    }


def _generation(signal: Signal, conversation: Conversation | None = None) -> dict[str, Any]:
    """Describe what was generated; its id is the response's, else the span's."""
    parameters = {name: signal.attributes.get(f"gen_ai.request.{name}") for name in _PARAMETERS}
    return said(
        external_id=_id_of(signal, signal.span),
        messages=(conversation or _conversation(signal)).messages,
        model=text(signal.get("gen_ai.response.model", "gen_ai.request.model")),
        deployment=text(signal.resource.get("service.name")),
        parameters=said(**parameters),
    )


def _guarded(signal: Signal) -> dict[str, Any]:
    """Describe what a guardrail looked at: by the response, else by the span in which it ran."""
    conversation = _conversation(signal)
    if not conversation.messages:
        for role, name in (("user", "input"), ("assistant", "output")):
            value = signal.get(
                f"gen_ai.guardrail.security.content.{name}.value", f"gen_ai.security.content.{name}.value"
            )
            if value is not None:
                conversation.add(value, role=role)
    return _generation(signal, conversation) | {"external_id": _id_of(signal, signal.parent or signal.span)}


def _id_of(signal: Signal, span: str) -> str:
    response = signal.get("gen_ai.response.id")
    if isinstance(response, str) and response:
        return response
    if not signal.trace or not span:
        raise signal.refuse("attributes.gen_ai.response.id", _("Required, unless trace and span are given."))
    return tracing.identifier(signal.trace, span)


def _conversation(signal: Signal) -> Conversation:
    conversation = Conversation()
    for role, names in (
        ("system", ("gen_ai.system_instructions",)),
        ("user", ("gen_ai.input.messages", "gen_ai.prompt")),
        ("assistant", ("gen_ai.output.messages", "gen_ai.completion")),
    ):
        value = tracing.parsed(signal.get(*names))
        if value is not None:
            conversation.add({"role": role, "parts": value} if _is_parts(value) else value, role=role)
    if not conversation.messages:
        for event in signal.events:
            role_said = _OLD_EVENTS.get(event.name, "assistant" if event.name == "gen_ai.choice" else "")
            value = event.get("content", "message", "gen_ai.prompt", "gen_ai.completion")
            if role_said and value is not None:
                conversation.add(value, role=role_said)
    return conversation


def _is_parts(value: Any) -> bool:
    """Tell parts, as system instructions are written, from messages."""
    return isinstance(value, list) and all(
        isinstance(one, dict) and "type" in one and "role" not in one for one in value
    )


def _actor(signal: Signal) -> dict[str, Any] | None:
    account = text(signal.get("enduser.id", "user.id", "enduser.pseudo.id"))
    return {"kind": "user", "external_id": account} if account else None


FORMAT: Final = Format(
    slug="otel-genai",
    title=gettext_lazy("OpenTelemetry GenAI"),
    convert=_convert,
    example=msgspec.json.encode(
        {
            "traceId": "5b8efff798038103d269b633813fc60c",
            "spanId": "eee19b7ec3c1b174",
            "timeUnixNano": "1793527200000000000",
            "eventName": "gen_ai.client.inference.operation.details",
            "attributes": [
                {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
                {"key": "gen_ai.response.id", "value": {"stringValue": "chatcmpl-1"}},
                {
                    "key": "gen_ai.input.messages",
                    "value": {
                        "stringValue": '[{"role": "user", "parts": [{"type": "text", "content": "Which tea?"}]}]'
                    },
                },
            ],
        }
    ),
)
