"""Request bodies of the API: limits first, then UTF-8 JSON, then a walk that refuses what the database cannot hold.

``Strict`` is the base of what then reads the fields.
"""

import json
import math
from collections.abc import Iterable, Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework import serializers, status
from rest_framework.exceptions import APIException, ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser

from trust import unreadable
from trust.integers import BIGGEST_BIGINT

MAX_BODY = 1024 * 1024
MAX_DEPTH = 32
MAX_KEYS = 1000


class BodyTooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too-large"


class JsonParser(BaseParser):
    """Read one JSON document of at most 1 MiB. Raises 400, 413 or 415."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        refuse_other_charsets(media_type or "")
        body = stream.read(MAX_BODY + 1)
        if len(body) > MAX_BODY:
            raise BodyTooLarge(_("The body is larger than %(limit)s bytes.") % {"limit": MAX_BODY})
        return loads(body)


class Strict(serializers.Serializer[Any]):
    """The fields of a body; names those that it does not know."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = [name for name in data if name not in self.fields]
            if unknown:
                raise serializers.ValidationError({name: [_("There is no such field.")] for name in unknown[:10]})
        return super().to_internal_value(data)


def refuse_other_charsets(media_type: str) -> None:
    """Raise 415 for a charset other than UTF-8."""
    for parameter in media_type.split(";")[1:]:
        name, _equals, value = parameter.strip().partition("=")
        if name.lower() == "charset" and value.strip('"').lower() not in {"utf-8", "utf8"}:
            raise UnsupportedMediaType(media_type)


def loads(body: bytes) -> Any:
    """Parse JSON strictly: no duplicate keys, NaN, deep nesting, 65-bit integers, NUL or lone surrogates."""
    try:
        document = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_constant,
            parse_int=_bounded_integer,
            parse_float=_finite_float,
        )
    except UnicodeDecodeError as error:
        raise ParseError(_("The body is not UTF-8.")) from error
    except RecursionError as error:
        raise ParseError(_("The body is nested deeper than %(limit)s levels.") % {"limit": MAX_DEPTH}) from error
    except ValueError as error:
        reason = {"reason": unreadable.why_not_json(error)}
        raise ParseError(_("The body is not valid JSON: %(reason)s") % reason) from error
    if problem := problem_in(document):
        path, sentence = problem
        raise ParseError({path or "body": [sentence]})
    return document


def problem_in(value: Any, path: str = "", depth: int = 1) -> tuple[str, str] | None:
    """Return (path, sentence) of the first part that may not be stored, or None."""
    if isinstance(value, str):
        return _problem_in_text(value, path)
    if isinstance(value, (dict, list)) and depth > MAX_DEPTH:
        return path, _("Nested deeper than %(limit)s levels.") % {"limit": MAX_DEPTH}
    if isinstance(value, dict):
        if len(value) > MAX_KEYS:
            return path, _("More than %(limit)s keys.") % {"limit": MAX_KEYS}
        if any(_problem_in_text(key, path) for key in value):
            return path, _("A key holds a NUL or a lone surrogate.")
        return _problem_in_parts(value.items(), path, depth)
    if isinstance(value, list):
        return _problem_in_parts(enumerate(value), path, depth)
    if isinstance(value, int) and abs(value) > BIGGEST_BIGINT:
        return path, _("A number beyond 64 bit.")
    return None


def _problem_in_parts(parts: Iterable[tuple[object, Any]], path: str, depth: int) -> tuple[str, str] | None:
    for name, part in parts:
        if problem := problem_in(part, f"{path}.{name}" if path else str(name), depth + 1):
            return problem
    return None


def _problem_in_text(text: str, path: str) -> tuple[str, str] | None:
    if "\0" in text:
        return path, _("Holds a NUL character.")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return path, _("Holds a lone surrogate.")
    return None


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(_("the key %(name)s stands twice") % {"name": repr(twice[:100])})
    return document


def _refuse_constant(constant: str) -> Any:
    raise ValueError(_("%(constant)s is not a number of JSON") % {"constant": constant})


def _bounded_integer(digits: str) -> int:
    if len(digits) > 20 or abs(int(digits)) > BIGGEST_BIGINT:
        raise ValueError(_("a number is beyond 64 bit"))
    return int(digits)


def _finite_float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(_("a number is beyond what a double holds"))
    return number
