"""Keyset pages: 50 rows after a cursor, however far down, at the same cost."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from django.core.exceptions import BadRequest, ValidationError
from django.db.models import F, Field, GeneratedField, Lookup, Model, Q, QuerySet
from django.db.models.fields.tuple_lookups import (
    Tuple,
    TupleGreaterThan,
    TupleGreaterThanOrEqual,
    TupleLessThan,
    TupleLessThanOrEqual,
)
from django.http import HttpRequest

from trust.integers import BIGGEST_BIGINT

PAGE_SIZE = 50
PANEL_SIZE = 20  # of a list that is one panel among others on its page

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of rows. ``older`` is the cursor of the next page, empty on the last one."""

    rows: list[Row]
    older: str
    is_first: bool

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def keyset_page(request: HttpRequest, rows: QuerySet[Row], *, by: Sequence[str], size: int = PAGE_SIZE) -> Page[Row]:
    """Cut a page out of ``rows``, ordered by ``by`` ("-decided_at", "-pk"; the last field unique, none null).

    Reads ``?cursor=``; raises BadRequest on one that was not made here. One query.
    """
    cursor = request.GET.get("cursor", "")
    if cursor:
        values = _checked(rows.model, by, decode(cursor, length=len(by)))
        rows = rows.filter(_after(by, values))
    found = list(rows.order_by(*by)[: size + 1])
    older = encode([_value(found[size - 1], field) for field in by]) if len(found) > size else ""
    return Page(rows=found[:size], older=older, is_first=not cursor)


def bounded_page(
    request: HttpRequest, rows: QuerySet[Row], *, among: QuerySet[Row], by: Sequence[str], most: Sequence[int]
) -> Page[Row]:
    """Cut a page out of ``rows``, a part of ``among``, looking through some of ``among``, however many there are.

    ``most`` says how many: first so many, then, while the page is not full, so many more. A short page with ``older``
    says that there is more to look through. ``by`` runs one way and has an index. Two queries for each look.
    """
    cursor = request.GET.get("cursor", "")
    if cursor:
        among = among.filter(_after(by, _checked(rows.model, by, decode(cursor, length=len(by)))))
    names, place = [field.lstrip("-") for field in by], cursor
    until = TupleGreaterThanOrEqual if by[0].startswith("-") else TupleLessThanOrEqual
    for count in most:
        last = among.order_by(*by).values_list(*names)[count - 1 : count].first()
        if last is None:
            return keyset_page(request, rows, by=by)
        page = keyset_page(request, rows.filter(until(Tuple(*map(F, names)), last)), by=by)
        if page.older:
            return page
        place = encode(last)
    return replace(page, older=place)


def place_in_time(cursor: str) -> tuple[datetime, int] | None:
    """Read the cursor of rows that are ordered by moment and id; None on the first page. Raises BadRequest."""
    if not cursor:
        return None
    at, identity = decode(cursor, length=2)
    if not isinstance(at, datetime) or not isinstance(identity, int):
        raise BadRequest("cursor: not one that this page made")
    return at, identity


def encode(values: Sequence[Any]) -> str:
    text = json.dumps([_tagged(value) for value in values], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str, *, length: int) -> list[Any]:
    """Read a cursor back. Raises BadRequest, which names the parameter."""
    try:
        raw = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(raw, list):
            raise TypeError(raw)
        values = [_untagged(value) for value in raw]
    except (ValueError, KeyError, binascii.Error, TypeError, RecursionError) as error:
        raise BadRequest("cursor: not one that Trustdesk made") from error
    if len(values) != length:
        raise BadRequest("cursor: not one that Trustdesk made")
    return values


def _tagged(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, Decimal):
        return str(value)
    return value


def _untagged(value: Any) -> Any:
    if isinstance(value, dict):
        return _moment(value["t"])
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise TypeError(value)
    if (isinstance(value, int) and abs(value) > BIGGEST_BIGINT) or (isinstance(value, str) and ("\0" in value)):
        raise ValueError(value)
    return value


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


def _value(row: Model, field: str) -> Any:
    value: Any = row
    for part in field.lstrip("-").split("__"):
        value = getattr(value, part)
    return value


def _checked(model: type[Model], by: Sequence[str], values: Sequence[Any]) -> list[Any]:
    """Return ``values`` as their fields hold them. Raises BadRequest on a cursor of another page."""
    try:
        return [_field(model, name).to_python(value) for name, value in zip(by, values, strict=True)]
    except (ValidationError, TypeError, ValueError) as error:
        raise BadRequest("cursor: not one that this page made") from error


def _field(model: type[Model], path: str) -> Field[Any, Any]:
    *relations, name = path.lstrip("-").split("__")
    for relation in relations:
        model = model._meta.get_field(relation).related_model  # type: ignore[assignment]
    field: Any = model._meta.pk if name == "pk" else model._meta.get_field(name)
    if isinstance(field, GeneratedField):
        field = field.output_field
    return field  # type: ignore[no-any-return]


def _after(by: Sequence[str], values: Sequence[Any]) -> Q | Lookup[Any]:
    """Say "sorts after ``values``": one row comparison where all fields run one way, else the equal-prefix form.

    The row comparison lets an index start right there, however many rows share the first field.
    """
    names, is_down = [field.lstrip("-") for field in by], [field.startswith("-") for field in by]
    if len(set(is_down)) == 1:
        compare = TupleLessThan if is_down[0] else TupleGreaterThan
        return compare(Tuple(*map(F, names)), tuple(values))
    return _after_mixed(by, values)


def _after_mixed(by: Sequence[str], values: Sequence[Any]) -> Q:
    condition = Q()
    for position in reversed(range(len(by))):
        field, value = by[position], values[position]
        name = field.lstrip("-")
        beyond = Q(**{f"{name}__{'lt' if field.startswith('-') else 'gt'}": value})
        bound = Q(**{f"{name}__{'lte' if field.startswith('-') else 'gte'}": value})
        condition = beyond | (Q(**{name: value}) & condition) if position < len(by) - 1 else beyond
        if position == 0:
            condition = bound & condition  # lets the index start at the bound
    return condition
