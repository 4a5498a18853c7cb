"""From the bytes of one record to an alert, or to everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

import msgspec
from django.utils.translation import gettext as _

from incidents.intake.formats import explain
from incidents.intake.formats.native import CONTROL, Alert, Message, Score
from trust import bodies

LONGEST_RECORD: Final = 1024 * 1024
LONGEST_MESSAGE: Final = 256 * 1024
LONGEST_FREE_FORM: Final = 64 * 1024
EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)
MOST_PROBLEMS: Final = 20  # said about one record

Problems = Iterator[tuple[str, str]]


class Invalid(Exception):  # noqa: N818  an answer about one record, not a failure
    """A record that is not an alert: its errors by path, and its external id if it has a readable one."""

    def __init__(self, errors: dict[str, list[str]], external_id: str | None = None) -> None:
        super().__init__(errors)
        self.errors = errors
        self.external_id = external_id


_decoder = msgspec.json.Decoder(Alert)


def decode(record: bytes) -> Alert:
    """Read one alert from JSON. Raises Invalid, naming all that is wrong."""
    if len(record) > LONGEST_RECORD:
        raise Invalid({"body": [_("Larger than %(limit)s bytes.") % {"limit": LONGEST_RECORD}]})
    try:
        alert = _decoder.decode(record)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _why_not(record, str(error)) from None
    if _may_hold_control(record):
        if CONTROL.search(alert.names()):
            raise _why_not(record, _("A name holds control characters."))
        if b"\\u0000" in record and (problem := bodies.problem_in(msgspec.to_builtins(alert))):
            raise _invalid([problem], alert.external_id)
    if problems := list(islice(_problems_in(alert), MOST_PROBLEMS)):
        raise _invalid(problems, alert.external_id)
    if len(record) > LONGEST_MESSAGE and (problems := list(_too_long(alert.generation.messages or []))):
        raise _invalid(problems, alert.external_id)
    if alert.occurred_at.tzinfo is not UTC:
        return msgspec.structs.replace(alert, occurred_at=alert.occurred_at.astimezone(UTC))
    return alert


def _may_hold_control(record: bytes) -> bool:
    """Say whether text in ``record`` can hold a control character: escaped, DEL, or one that starts with C2."""
    return b"\\" in record or b"\x7f" in record or b"\xc2" in record


def _why_not(record: bytes, otherwise: str) -> Invalid:
    """Look again, slowly, at a record that the decoder refused."""
    try:
        value = explain.loads(record)
    except explain.NotJson as reason:
        return _invalid([("", str(reason))])
    external_id = explain.external_id_of(value)
    if problem := bodies.problem_in(value):
        return _invalid([problem], external_id)
    problems = list(islice(explain.problems(value, Alert), MOST_PROBLEMS))
    return _invalid(problems or [("", otherwise)], external_id)


def _invalid(problems: list[tuple[str, str]], external_id: str | None = None) -> Invalid:
    errors: dict[str, list[str]] = {}
    for path, sentence in problems:
        errors.setdefault(path or "body", []).append(sentence)
    return Invalid(errors, external_id)


def _problems_in(alert: Alert) -> Problems:
    """Check what no single field can say."""
    if not EARLIEST <= alert.occurred_at < LATEST:
        yield "occurred_at", _("Must lie between 1970 and 2200.")
    generation = alert.generation
    if generation.messages is None and generation.external_id is None:
        yield "generation.messages", _("Required, unless generation.external_id names a known generation.")
    if alert.spans:
        yield from _misplaced_spans(alert)
    if alert.score_kind == "probability":
        for path, scores in (("scores", alert.scores), ("thresholds", alert.thresholds)):
            if scores and not (min(scores.values()) >= 0 and max(scores.values()) <= 1):
                yield from _not_probabilities(path, scores)
    if alert.actor and alert.actor.parent and alert.actor.parent == alert.actor.reference():
        yield "actor.parent", _("An actor cannot be its own parent.")
    if alert.metadata:
        yield from _unfit_free_form("metadata", alert.metadata)
    if generation.parameters:
        yield from _unfit_free_form("generation.parameters", generation.parameters)


def _too_long(messages: list[Message]) -> Problems:
    for index, message in enumerate(messages):
        text = message.content
        if len(text.encode()) > LONGEST_MESSAGE:
            yield f"generation.messages.{index}.content", _("Longer than %(limit)s bytes.") % {"limit": LONGEST_MESSAGE}


def _misplaced_spans(alert: Alert) -> Problems:
    messages = alert.generation.messages
    for index, span in enumerate(alert.spans):
        if span.start >= span.end:
            yield f"spans.{index}.end", _("Must be greater than start.")
        elif messages is not None and span.message >= len(messages):
            yield f"spans.{index}.message", _("There is no such message.")
        elif messages is not None and span.end > len(messages[span.message].content):
            yield f"spans.{index}.end", _("Lies beyond the end of the message.")


def _not_probabilities(path: str, scores: dict[str, Score]) -> Problems:
    for category, score in scores.items():
        if not 0 <= score <= 1:
            yield f"{path}.{category}", _("A probability lies between 0 and 1.")


def _unfit_free_form(path: str, value: dict[str, Any]) -> Problems:
    if problem := bodies.problem_in(value, path, depth=path.count(".") + 2):
        yield problem
    elif len(msgspec.json.encode(value)) > LONGEST_FREE_FORM:
        yield path, _("Larger than %(limit)s bytes.") % {"limit": LONGEST_FREE_FORM}
