"""Log records and spans of OpenTelemetry: OTLP as JSON, whole or one by one, and what the SDKs print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from incidents.intake.formats.converting import NotOfFormat

# From the whole of an export down to its records.
_EXPORTS: Final = {
    "resourceLogs": ("scopeLogs", "logRecords"),
    "resourceSpans": ("scopeSpans", "spans"),
    "resource_logs": ("scope_logs", "log_records"),
    "resource_spans": ("scope_spans", "spans"),
}
_TIMES: Final = (
    "timeUnixNano",
    "time_unix_nano",
    "startTimeUnixNano",
    "start_time_unix_nano",
    "timestamp",
    "start_time",
    "observedTimeUnixNano",
    "observed_time_unix_nano",
    "observed_timestamp",
)


@dataclass(frozen=True)
class Signal:
    """One log record, span, or event of a span. ``path`` is where it stands in the record that came."""

    path: str
    name: str
    attributes: Mapping[str, Any]
    occurred_at: str
    trace: str = ""
    span: str = ""
    parent: str = ""
    resource: Mapping[str, Any] = field(default_factory=dict)
    events: list[Signal] = field(default_factory=list)

    def get(self, *names: str) -> Any:
        """Return the first of these attributes that is there."""
        return next((self.attributes[name] for name in names if self.attributes.get(name) is not None), None)

    def refuse(self, name: str, sentence: str) -> NotOfFormat:
        """Make the error about one attribute."""
        return NotOfFormat({f"{self.path}.{name}" if self.path else name: [sentence]})


def signals(document: Mapping[str, Any]) -> tuple[list[Signal], bool]:
    """Return the signals of a record, and whether it is a whole export. Raises NotOfFormat."""
    for name, (scopes, records) in _EXPORTS.items():
        if name in document:
            return list(_exported(document[name], name, scopes, records)), True
    return [_signal(document, "", {})], False


def _exported(resources: Any, name: str, scopes: str, records: str) -> Iterator[Signal]:
    for at, resource in _objects(resources, name):
        described = resource.get("resource")
        about = described.get("attributes") if isinstance(described, dict) else None
        known = _attributes(about, f"{at}.resource.attributes")
        for inside, scope in _objects(resource.get(scopes), f"{at}.{scopes}"):
            for path, record in _objects(scope.get(records), f"{inside}.{records}"):
                yield _signal(record, path, known)


def _signal(record: Mapping[str, Any], path: str, resource: Mapping[str, Any]) -> Signal:
    attributes = _attributes(record.get("attributes"), _inside(path, "attributes"))
    context = record.get("context") if isinstance(record.get("context"), dict) else {}
    ids = {name: _text_of(record, name) or _text_of(context or {}, name) for name in ("trace_id", "span_id")}
    trace, span = _text_of(record, "traceId") or ids["trace_id"], _text_of(record, "spanId") or ids["span_id"]
    event_name = attributes.get("event.name")
    signal = Signal(
        path=path,
        name=_text_of(record, "eventName", "event_name")
        or (event_name if isinstance(event_name, str) else "")
        or _text_of(record, "name"),
        attributes=attributes,
        occurred_at=_time_of(record, path),
        trace=trace,
        span=span,
        parent=_text_of(record, "parentSpanId", "parent_span_id", "parent_id"),
        resource=resource or _resource_of(record),
    )
    events = _objects(record.get("events"), _inside(path, "events"))
    signal.events.extend(_event(event, at, signal) for at, event in events)
    return signal


def _event(event: Mapping[str, Any], path: str, span: Signal) -> Signal:
    return Signal(
        path=path,
        name=_text_of(event, "name"),
        attributes=_attributes(event.get("attributes"), f"{path}.attributes"),
        occurred_at=_time_of(event, path, otherwise=span.occurred_at),
        trace=span.trace,
        span=span.span,
        parent=span.parent,
        resource=span.resource,
    )


def _resource_of(record: Mapping[str, Any]) -> Mapping[str, Any]:
    resource = record.get("resource")
    found = resource.get("attributes") if isinstance(resource, dict) else None
    return found if isinstance(found, dict) else {}


def _objects(value: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if value is None:
        return
    if not isinstance(value, list):
        raise NotOfFormat({path: [_("Must be a list.")]})
    for index, one in enumerate(value):
        if not isinstance(one, dict):
            raise NotOfFormat({f"{path}.{index}": [_("Must be an object.")]})
        yield f"{path}.{index}", one


def _attributes(value: Any, path: str) -> dict[str, Any]:
    """Read attributes, an object or a list of keys and values."""
    if value is None:
        return {}
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    pairs = {}
    for at, pair in _objects(value, path):
        if not isinstance(pair.get("key"), str):
            raise NotOfFormat({f"{at}.key": [_("Must be text.")]})
        pairs[pair["key"]] = plain(pair.get("value"))
    return pairs


def plain(value: Any) -> Any:
    """Take the wrapping of OTLP off a value: ``{"stringValue": "a"}``."""
    if not isinstance(value, dict) or len(value) != 1:
        return value
    name, inner = next(iter(value.items()))
    if name == "intValue" and isinstance(inner, str):
        return int(inner) if len(inner) < 20 and inner.removeprefix("-").isdecimal() else inner
    if name in {"stringValue", "boolValue", "intValue", "doubleValue", "bytesValue"}:
        return inner
    if name in {"arrayValue", "kvlistValue"} and isinstance(inner, dict):
        parts = inner.get("values", [])
        if name == "arrayValue" and isinstance(parts, list):
            return [plain(part) for part in parts]
        if isinstance(parts, list) and all(isinstance(part, dict) for part in parts):
            return {str(part.get("key")): plain(part.get("value")) for part in parts}
    return value


def _text_of(record: Mapping[str, Any], *names: str) -> str:
    return next((found for name in names if isinstance(found := record.get(name), str) and found), "")


def _time_of(record: Mapping[str, Any], path: str, otherwise: str = "") -> str:
    name = next((name for name in _TIMES if record.get(name) not in (None, "", 0, "0")), None)
    if name is None:
        if otherwise:
            return otherwise
        raise NotOfFormat({_inside(path, "timeUnixNano"): [_("This field is required.")]})
    try:
        return _moment(record[name])
    except (ValueError, OverflowError, OSError) as error:
        raise NotOfFormat({_inside(path, name): [_("Must be a time.")]}) from error


def _moment(value: Any) -> str:
    if isinstance(value, str) and not value.isdecimal():
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    if isinstance(value, bool) or not isinstance(value, (int, str)) or len(str(value)) > 20:
        raise ValueError("not nanoseconds since 1970")
    seconds, nanoseconds = divmod(int(value), 10**9)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=nanoseconds // 1000).isoformat()


def _inside(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
