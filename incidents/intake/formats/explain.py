"""Why a record is not of a shape: every field that is wrong, in a sentence. For the few that a decoder refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from django.utils.translation import gettext as _
from msgspec import Meta

from trust import bodies, unreadable

Problems = Iterator[tuple[str, str]]


class NotJson(ValueError):  # noqa: N818  what is said about a record
    """The sentence that says why a record cannot be read at all."""


def loads(record: bytes) -> Any:
    """Parse JSON; the last of repeated keys wins; lone surrogates and big numbers stay, to be named. Raises NotJson."""
    try:
        return json.loads(record.decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise NotJson(_("Not UTF-8.")) from error
    except RecursionError as error:
        raise NotJson(_("Nested deeper than %(limit)s levels.") % {"limit": bodies.MAX_DEPTH}) from error
    except ValueError as error:
        raise NotJson(_("Not valid JSON: %(reason)s") % {"reason": unreadable.why_not_json(error)}) from error


def external_id_of(value: Any) -> str | None:
    """Return the external id that a sender will recognise its record by, if it is fit to be said back."""
    found = value.get("external_id") if isinstance(value, dict) else None
    if not isinstance(found, str) or not 0 < len(found) <= 200 or bodies.problem_in(found):
        return None
    return found


def problems(value: Any, shape: Any, path: str = "") -> Problems:
    """Yield (path, sentence) for each part of a parsed record that does not fit ``shape``, a type of msgspec."""
    kind, meta, is_optional = _unwrapped(shape)
    if value is None and is_optional:
        return
    origin = get_origin(kind) or kind
    if isinstance(origin, type) and issubclass(origin, msgspec.Struct):
        yield from _problems_of_object(value, kind, path)
    elif origin is list and get_args(kind):
        yield from _problems_of_list(value, get_args(kind)[0], meta, path)
    elif origin is dict and get_args(kind)[1] is not Any:
        yield from _problems_of_dict(value, get_args(kind), meta, path)
    elif not _fits(value, shape):
        yield path, _sentence(kind, meta)


def _problems_of_object(value: Any, shape: Any, path: str) -> Problems:
    if not isinstance(value, dict):
        yield path, _("Must be an object.")
        return
    fields = {field.encode_name: field for field in msgspec.structs.fields(shape)}
    if (get_origin(shape) or shape).__struct_config__.forbid_unknown_fields:
        for name in sorted(value.keys() - fields.keys()):
            yield _inside(path, name[:100]), _("Unknown field.")
    for name, field in fields.items():
        if name in value:
            yield from problems(value[name], field.type, _inside(path, name))
        elif field.required:
            yield _inside(path, name), _("This field is required.")


def _problems_of_list(value: Any, part: Any, meta: Meta | None, path: str) -> Problems:
    if not isinstance(value, list):
        yield path, _("Must be a list.")
        return
    yield from _problems_of_size(value, meta, path)
    for index, element in enumerate(value):
        yield from problems(element, part, _inside(path, str(index)))


def _problems_of_dict(value: Any, parts: tuple[Any, Any], meta: Meta | None, path: str) -> Problems:
    if not isinstance(value, dict):
        yield path, _("Must be an object.")
        return
    yield from _problems_of_size(value, meta, path)
    for name, element in value.items():
        inner = _inside(path, name[:100])
        if not _fits(name, parts[0]):
            yield inner, _("This name will not do. %(sentence)s") % {"sentence": _sentence(*_unwrapped(parts[0])[:2])}
        yield from problems(element, parts[1], inner)


def _problems_of_size(value: list[Any] | dict[str, Any], meta: Meta | None, path: str) -> Problems:
    if meta and meta.min_length and len(value) < meta.min_length:
        yield path, _("Must not be empty.")
    if meta and meta.max_length and len(value) > meta.max_length:
        yield path, _("Must hold at most %(limit)s.") % {"limit": meta.max_length}


def _unwrapped(kind: Any) -> tuple[Any, Meta | None, bool]:
    """Take ``Annotated`` and ``| None`` off: the bare type, what is said about it, whether null will do."""
    if get_origin(kind) is Annotated:
        inner, meta = get_args(kind)
        return inner, meta, False
    if get_origin(kind) not in {Union, UnionType}:
        return kind, None, False
    parts = [part for part in get_args(kind) if part is not NoneType]
    bare = [_unwrapped(part) for part in parts]
    meta = next((found for _kind, found, _optional in bare if found), None)
    return bare[0][0] if len(bare) == 1 else kind, meta, len(parts) < len(get_args(kind))


def _fits(value: Any, kind: Any) -> bool:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    meta = _unwrapped(kind)[1]
    refused = meta.extra.get("refused") if meta and meta.extra else None
    return not (refused and isinstance(value, str) and refused.search(value))


def _sentence(kind: Any, meta: Meta | None) -> str:
    if meta and meta.extra and "sentence" in meta.extra:
        sentence: str = str(meta.extra["sentence"]) % meta.extra["values"]
        return sentence
    if get_origin(kind) is Literal:
        return _("Must be one of %(choices)s.") % {"choices": ", ".join(map(str, get_args(kind)))}
    names = {
        str: _("Must be text."),
        bool: _("Must be true or false."),
        dict: _("Must be an object."),
        int: _("Must be a whole number."),
        float: _("Must be a number."),
    }
    return names.get(get_origin(kind) or kind, _("Has the wrong type."))


def _inside(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _refuse_constant(constant: str) -> Any:
    raise ValueError(_("%(constant)s is not a number of JSON") % {"constant": constant})
