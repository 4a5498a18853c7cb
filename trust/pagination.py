"""Keyset pages: 50 rows after a cursor, however far down, at the same cost."""

import base64
import binascii
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from django.core.exceptions import BadRequest
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

PAGE_SIZE = 50
_BIGGEST = 2**63 - 1

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
        rows = rows.filter(_after(by, decode(cursor, length=len(by))))
    found = list(rows.order_by(*by)[: size + 1])
    older = encode([_value(found[size - 1], field) for field in by]) if len(found) > size else ""
    return Page(rows=found[:size], older=older, is_first=not cursor)


def encode(values: Sequence[Any]) -> str:
    text = json.dumps([_tagged(value) for value in values], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str, *, length: int) -> list[Any]:
    """Read a cursor back. Raises BadRequest, which names the parameter."""
    try:
        raw = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        values = [_untagged(value) for value in raw]
    except (ValueError, binascii.Error, TypeError, RecursionError) as error:
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
        return datetime.fromisoformat(value["t"])
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise TypeError(value)
    if (isinstance(value, int) and abs(value) > _BIGGEST) or (isinstance(value, str) and ("\0" in value)):
        raise ValueError(value)
    return value


def _value(row: Model, field: str) -> Any:
    value: Any = row
    for part in field.lstrip("-").split("__"):
        value = getattr(value, part)
    return value


def _after(by: Sequence[str], values: Sequence[Any]) -> Q:
    """Say "sorts after ``values``": a row comparison where all fields run one way, else the equal-prefix form."""
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
