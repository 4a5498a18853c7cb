"""What tools that trace models have in common: records of loose shape, messages in many forms, ids to be made up."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from django.utils.translation import gettext as _

from incidents.intake.formats import attaching, converting, explain
from incidents.intake.formats.converting import Given, NotOfFormat
from incidents.intake.formats.native import Attachment
from trust import bodies

DEEPER: Final = 32  # levels more than in a body of ours: OTLP wraps each value in two
LONGEST_ID: Final = 200
KINDS: Final = ("detector", "user_report", "partner_report", "staff", "random_sample")

_ROLES: Final = {
    "human": "user",
    "HumanMessage": "user",
    "ai": "assistant",
    "AIMessage": "assistant",
    "AIMessageChunk": "assistant",
    "model": "assistant",
    "SystemMessage": "system",
    "ToolMessage": "tool",
    "FunctionMessage": "tool",
}
_SPEAKERS: Final = {"human", "ai", "system", "tool", "function", "user", "assistant", "developer"}


def document(record: bytes) -> dict[str, Any]:
    """Parse one record, an object that holds only what can be stored. Raises NotOfFormat."""
    value = converting.read(record, dict[str, Any])
    if problem := bodies.problem_in(value, depth=1 - DEEPER):
        path, sentence = problem
        raise NotOfFormat({path or "body": [sentence]})
    return value


def identifier(*parts: str) -> str:
    """Make an external id of what names a thing; a digest of it where that is too long."""
    joined = ":".join(part for part in parts if part)
    return joined if len(joined) <= LONGEST_ID else hashlib.sha256(joined.encode()).hexdigest()


def digest(value: Any) -> str:
    """Return a short digest of JSON."""
    return hashlib.sha256(msgspec.json.encode(value, order="deterministic")).hexdigest()[:16]


def text(value: Any) -> str:
    """Return text as it is, nothing for None, anything else as its JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def number(value: Any) -> float | None:
    """Return a finite number; None for all else, true and false among it."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number and math.isfinite(value) else None


def said(**fields: Any) -> dict[str, Any]:
    """Leave out what was not said."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def unjudged(given: Given) -> dict[str, Any]:
    """Return kind and sampling rate of what no detector has said anything of: a random sample, unless options say."""
    kind, rate = given.options.get("kind", "random_sample"), given.options.get("sampling_rate", "1")
    if kind not in KINDS:
        raise NotOfFormat({"kind": [_("Must be one of %(choices)s.") % {"choices": ", ".join(KINDS)}]})
    try:
        chance = float(rate)
    except ValueError:
        chance = 0.0
    if not 0 < chance <= 1:
        raise NotOfFormat({"sampling_rate": [_("Must be a number above 0 and at most 1.")]})
    return {"kind": kind} | ({"sampling_rate": chance} if chance < 1 else {})


@dataclass
class Conversation:
    """Messages in their order, each with what came along that is not text."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    _attached: list[Attachment] = field(default_factory=list)

    def add(self, value: Any, *, role: str) -> None:
        """Take in what a tool wrote down as input or output: text, a message, messages, or wrappings of them."""
        if value in (None, "", [], {}):
            return
        found = parsed(value)
        messages = list(_messages_in(found))
        if not messages:
            self._say(role, text(_unwrapped(value)))
        for message in messages:
            self._say(_role_of(message) or role, self._content_of(message))

    def _say(self, role: str, content: str) -> None:
        attached, self._attached = self._attached, []
        if content:
            self.messages.append({"role": role, "content": content} | said(attachments=msgspec.to_builtins(attached)))

    def _content_of(self, message: Mapping[str, Any]) -> str:
        inner = next((part for name in ("kwargs", "data") if isinstance(part := message.get(name), dict)), message)
        content = inner.get("parts", inner.get("content"))
        parts = content if isinstance(content, list) else [content]
        lines = [self._part(part) for part in parts]
        calls = inner.get("tool_calls")
        lines += [_call(call) for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []
        return "\n".join(line for line in lines if line)

    def _part(self, part: Any) -> str:
        if not isinstance(part, dict):
            return text(part)
        kind = str(part.get("type", ""))
        if kind == "reasoning":
            return ""
        if kind in {"tool_call", "tool_use"}:
            return _call(part)
        if kind in {"tool_call_response", "tool_result"}:
            return text(next((part[name] for name in ("response", "result", "content") if name in part), None))
        if kind in attaching.MEDIA:
            return self._attach(part, kind)
        return text(next((part[name] for name in ("content", "text", "refusal") if name in part), part))

    def _attach(self, part: Mapping[str, Any], kind: str) -> str:
        """Note where it is or the digest of what it was; the text has its place only."""
        modality = str(part.get("modality", kind.removesuffix("_url").removeprefix("input_")))[:40]
        self._attached.append(attaching.of_part(part, said=modality))
        return f"[{modality}]"


def _messages_in(value: Any) -> Iterator[dict[str, Any]]:
    """Walk the messages that are anywhere they use to be; none if there are only other things."""
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        value = value[0]
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        if all(_role_of(one) for one in value):
            yield from value
        elif all("message" in one or "text" in one for one in value):  # choices, and generations of LangChain
            for one in value:
                message = one.get("message")
                yield message if isinstance(message, dict) else {"content": one.get("text")}
    elif isinstance(value, dict):
        if _role_of(value):
            yield value
        for name in ("messages", "choices", "generations"):
            if name in value:
                yield from _messages_in(value[name])


def _role_of(message: Mapping[str, Any]) -> str:
    role = message.get("role")
    if isinstance(role, str) and role:
        return _ROLES.get(role, role)
    kind, path = message.get("type"), message.get("id")
    if isinstance(kind, str) and kind in _SPEAKERS and ("content" in message or "data" in message):
        return _ROLES.get(kind, kind)
    if "kwargs" in message and isinstance(path, list) and path and isinstance(path[-1], str):
        return _ROLES.get(path[-1], "")
    return ""


def _unwrapped(value: Any) -> Any:
    """Take text out of an object that holds nothing else: ``{"question": "…"}``."""
    if isinstance(value, dict) and len(value) == 1:
        inner = next(iter(value.values()))
        return inner if isinstance(inner, str) else value
    return value


def parsed(value: Any) -> Any:
    """Parse text that looks like JSON and is, since messages are often written down so; return all else as it is."""
    if not isinstance(value, str) or not value.lstrip().startswith(("[", "{")):
        return value
    try:
        found = explain.loads(value.encode())
    except (explain.NotJson, UnicodeEncodeError):
        return value
    return value if bodies.problem_in(found) else found


def _call(call: Mapping[str, Any]) -> str:
    function = call.get("function")
    told = function if isinstance(function, dict) else call
    arguments = next((told[name] for name in ("arguments", "args", "input") if name in told), None)
    return f"{text(told.get('name')) or 'tool'}({text(arguments)})"
