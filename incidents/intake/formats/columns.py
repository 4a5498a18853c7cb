"""CSV by a mapping of columns: from native paths to rules that make a value of a row's cells.

``{"fields": {PATH: RULE}, "alerts": [{"fields": {…}, "unless_empty": COLUMN}]}``. Without ``alerts`` a row is one
alert; with them it is one for each, which adds its own fields to the common ones. An empty cell is not said.
docs/formats.md explains paths and rules for people.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain, islice
from typing import Annotated, Any, Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from django.utils.translation import gettext as _, gettext_lazy
from msgspec import Meta

from incidents.intake.formats import explain, paths
from incidents.intake.formats.converting import NotOfFormat
from incidents.intake.formats.native import Shape
from trust import bodies

SET: Final = frozenset({"1", "1.0", "y", "yes", "t", "true", "x"})
CLEAR: Final = frozenset({"0", "0.0", "n", "no", "f", "false", "-"})
ROW_NUMBER: Final = "#"
REQUIRED: Final = ("external_id", "occurred_at")
MOST: Final = 50  # problems said about one mapping
MOST_ALERTS: Final = 20  # of one row
LARGEST: Final = 64 * 1024  # bytes of a mapping's JSON

_NUMBER: Final = re.compile(r"[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})(e[+-]?\d{1,3})?", re.IGNORECASE)
_FROM_WHERE: Final = gettext_lazy("%(path)s: say where this comes from.")
PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")

Range = Annotated[list[float], Meta(min_length=2, max_length=2)]
Constant = str | float | bool | None


class Scale(Shape, frozen=True, rename={"lowest_to_highest": "from"}):
    """A straight line from one range to another."""

    lowest_to_highest: Range
    to: Range


class Rule(Shape, frozen=True):
    """Where a value comes from (exactly one of the first five), and what is made of it, in this order."""

    column: str | None = None
    constant: Constant = None
    text: str | None = None  # "{comment_id}:perspective"; {#} is the row's number
    one_of: dict[str, Constant] | None = None  # one-hot columns: the value for the column that is set
    digest: list[str] | None = None  # an id for equal cells
    only_if: dict[str, list[str]] = {}  # column to the cells under which the rule says anything
    values: dict[str, Constant] | None = None  # cell to value; null is unknown
    separator: str = ""  # between several categories in a cell
    scale: Scale | None = None
    at_least: float | None = None  # true from this number on
    time: str = "iso"  # or unix, unix_ms, or as in strptime: %d/%m/%Y %H:%M
    zone: str = ""  # of times that do not say theirs
    keep_empty: bool = False  # an empty message was said, and was empty
    otherwise: Rule | None = None  # asked if this says nothing

    def sources(self) -> list[str]:
        """Name which of the five are given."""
        return [name for name in ("column", "constant", "text", "one_of", "digest") if getattr(self, name) is not None]

    def columns(self) -> Iterator[str]:
        """Walk the columns that this reads."""
        yield from [self.column] if self.column is not None else []
        yield from (name for name in PLACEHOLDER.findall(self.text or "") if name != ROW_NUMBER)
        yield from [*(self.one_of or {}), *(self.digest or []), *self.only_if]
        yield from self.otherwise.columns() if self.otherwise else []


class Part(Shape, frozen=True):
    fields: dict[str, Rule]
    unless_empty: str = ""


class Columns(Shape, frozen=True):
    """A mapping. ``title`` is for people."""

    fields: dict[str, Rule]
    alerts: Annotated[list[Part], Meta(max_length=MOST_ALERTS)] = []
    title: str = ""

    def parts(self) -> list[Part]:
        """Return the alerts of a row, each with all its fields."""
        return [Part(fields=self.fields | part.fields, unless_empty=part.unless_empty) for part in self.alerts] or [
            Part(fields=self.fields)
        ]


class _Wrong(ValueError):  # noqa: N818
    """The sentence that says why a cell will not do."""


def apply(mapping: Columns, row: Mapping[str, str], *, number: int) -> list[dict[str, Any]]:
    """Make the native alerts of row ``number``, counted from 1. Raises NotOfFormat, by native path."""
    alerts: list[dict[str, Any]] = []
    errors: dict[str, list[str]] = {}
    external_id: str | None = None
    for part in mapping.parts():
        if part.unless_empty and not row.get(part.unless_empty, "").strip():
            continue
        found: dict[str, Any] = {}
        for path, rule in part.fields.items():
            try:
                found[path] = _said(rule, row, number, _known(path))
            except _Wrong as reason:
                errors[path] = [str(reason)]
        external_id = external_id or explain.external_id_of(found)
        alerts.append(paths.assembled({path: value for path, value in found.items() if value is not None}))
    if errors:
        raise NotOfFormat(errors, external_id)
    return alerts


def _known(path: str) -> str:
    kind = paths.kind_of(path)
    if kind == paths.UNKNOWN:
        raise _Wrong(_("There is no such field of an alert."))
    return kind


def _said(rule: Rule, row: Mapping[str, str], number: int, kind: str) -> Any:
    """Return the value of the first rule in the chain that says one."""
    asked: Rule | None = rule
    while asked:
        if all(_cell(row, column) in cells for column, cells in asked.only_if.items()):
            value = _made(asked, row, number, kind)
            if value is not None:
                return value
        asked = asked.otherwise
    return None


def _made(rule: Rule, row: Mapping[str, str], number: int, kind: str) -> Any:
    raw = _raw(rule, row, number)
    if raw is None or (raw == "" and not (rule.keep_empty and kind == paths.MESSAGE)):
        return None
    if rule.values is not None and isinstance(raw, str):
        if raw not in rule.values:
            raise _Wrong(_("The mapping does not know the value “%(value)s”.") % {"value": raw[:100]})
        raw = rule.values[raw]
        if raw is None:
            return None
    if rule.scale:
        raw = _scaled(_number(raw), rule.scale)
    if rule.at_least is not None:
        raw = _number(raw) >= rule.at_least
    return _fitted(raw, kind, rule)


def _raw(rule: Rule, row: Mapping[str, str], number: int) -> Constant:
    if rule.column is not None:
        return _cell(row, rule.column)
    if rule.text is not None:
        return PLACEHOLDER.sub(lambda found: _named(found[1], row, number), rule.text)
    if rule.one_of is not None:
        chosen = [column for column in rule.one_of if _cell(row, column).strip().lower() in SET]
        if len(chosen) > 1:
            raise _Wrong(_("Only one of these columns may be set: %(columns)s.") % {"columns": ", ".join(chosen)})
        return rule.one_of[chosen[0]] if chosen else None
    if rule.digest is not None:
        cells = [_cell(row, column) for column in rule.digest]
        return hashlib.sha256(msgspec.json.encode(cells)).hexdigest()
    return rule.constant


def _named(name: str, row: Mapping[str, str], number: int) -> str:
    return str(number) if name == ROW_NUMBER else _cell(row, name)


def _cell(row: Mapping[str, str], column: str) -> str:
    if column not in row:
        raise _Wrong(_("The row has no column “%(column)s”.") % {"column": column[:100]})
    return row[column]


def _fitted(raw: Constant, kind: str, rule: Rule) -> Any:
    """Make of a cell what the field wants."""
    if kind == paths.TIME:
        return _moment(str(raw), rule)
    if kind == paths.NUMBER:
        return _score(raw)
    if kind == paths.BOOLEAN:
        return _truth(raw)
    if kind == paths.CATEGORIES:
        names = str(raw).split(rule.separator) if rule.separator else [str(raw)]
        return list(dict.fromkeys(name.strip() for name in names if name.strip()))
    return raw if kind == paths.ANY else str(raw)


def is_number(cell: str) -> bool:
    """Say whether a cell is a finite number, written with a point."""
    text = cell.strip()
    return bool(_NUMBER.fullmatch(text)) and math.isfinite(float(text))


def _score(raw: Constant) -> float | bool:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw.strip().lower() in {"true", "false"}:
        return raw.strip().lower() == "true"
    return _number(raw)


def _number(raw: Constant) -> float:
    if isinstance(raw, (int, float)) and math.isfinite(raw):
        return float(raw)
    text = str(raw).strip()
    if not is_number(text):
        raise _Wrong(_("“%(value)s” is not a number.") % {"value": text[:100]})
    return float(text)


def _truth(raw: Constant) -> bool:
    word = ("true" if raw else "false") if isinstance(raw, (bool, float, int)) else str(raw).strip().lower()
    if word not in SET | CLEAR:
        raise _Wrong(_("“%(value)s” is neither yes nor no; say what it stands for.") % {"value": word[:100]})
    return word in SET


def _scaled(number: float, scale: Scale) -> float:
    (low, high), (least, most) = scale.lowest_to_highest, scale.to
    if low == high:
        raise _Wrong(_("A scale needs two ends that differ."))
    return least + (number - low) * (most - least) / (high - low)


def _moment(text: str, rule: Rule) -> str:
    try:
        if rule.time in {"unix", "unix_ms"}:
            return datetime.fromtimestamp(_number(text) / (1000 if rule.time == "unix_ms" else 1), UTC).isoformat()
        moment = datetime.fromisoformat(text.strip()) if rule.time == "iso" else _parsed(text.strip(), rule.time)
        if moment.tzinfo is None:
            if not rule.zone:
                raise _Wrong(_("“%(value)s” does not say its time zone; name one.") % {"value": text[:100]})
            moment = moment.replace(tzinfo=zone(rule.zone))
        return moment.astimezone(UTC).isoformat()
    except _Wrong:
        raise
    except (ValueError, OverflowError, OSError, re.error) as error:
        raise _Wrong(_("“%(value)s” is not a time of this form.") % {"value": text[:100]}) from error


def _parsed(text: str, form: str) -> datetime:
    return datetime.strptime(text, form)  # noqa: DTZ007  the zone follows


@lru_cache(maxsize=100)
def zone(name: str) -> ZoneInfo:
    """Return the time zone of that name. Raises ValueError."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError) as error:
        raise ValueError(f"unknown time zone: {name!r}") from error


class Fault(NamedTuple):
    """What is wrong with a mapping: a sentence, and the field and part of its rule that it is about, if any."""

    sentence: str
    path: str = ""
    part: Literal["", "path", "value", "zone"] = ""


def problems(mapping: Any, header: Collection[str]) -> list[str]:
    """Say in sentences what is wrong with a mapping, as JSON, for a file with these columns. Nothing: it will do."""
    return [fault.sentence for fault in faults(mapping, header)]


def faults(mapping: Any, header: Collection[str]) -> list[Fault]:
    """Return the same with the fields that it is about."""
    if problem := bodies.problem_in(mapping):
        return [Fault(": ".join(part for part in problem if part), problem[0].removeprefix("fields."), "value")]
    if len(msgspec.json.encode(mapping)) > LARGEST:
        return [Fault(_("Larger than %(limit)s bytes.") % {"limit": LARGEST})]
    found = list(islice(explain.problems(mapping, Columns), MOST))
    if found:
        return [
            Fault(f"{path or 'mapping'}: {sentence}", path.removeprefix("fields."), "value") for path, sentence in found
        ]
    read = msgspec.convert(mapping, Columns)
    said = [_problems_of_rule(path, rule, header) for part in read.parts() for path, rule in part.fields.items()]
    missing = [_missing(part.fields, is_one_of_several=bool(read.alerts)) for part in read.parts()]
    unless = [part.unless_empty for part in read.alerts if part.unless_empty and part.unless_empty not in header]
    others = [Fault(_("The file has no column “%(column)s”.") % {"column": column[:100]}) for column in unless]
    return list(dict.fromkeys([*chain(*said), *chain(*missing), *others]))[:MOST]


def named_in(mapping: Any) -> set[str]:
    """Return the columns that a mapping, as JSON, reads; none where it is no mapping."""
    try:
        parts = msgspec.convert(mapping, Columns).parts()
    except msgspec.ValidationError:
        return set()
    unless = {part.unless_empty for part in parts if part.unless_empty}
    return unless.union(*(rule.columns() for part in parts for rule in part.fields.values()))


def _problems_of_rule(path: str, rule: Rule, header: Collection[str]) -> Iterator[Fault]:
    name = {"path": path[:100]}
    if paths.kind_of(path) == paths.UNKNOWN:
        yield Fault(_("%(path)s: there is no such field of an alert.") % name, path, "path")
    asked: Rule | None = rule
    while asked:
        if len(asked.sources()) != 1:
            sentence = _("%(path)s: give exactly one of column, constant, text, one_of and digest.")
            yield Fault(sentence % name, path, "value")
        if asked.scale and asked.scale.lowest_to_highest[0] == asked.scale.lowest_to_highest[1]:
            yield Fault(_("%(path)s: a scale needs two ends that differ.") % name, path, "value")
        if asked.zone and not _is_zone(asked.zone):
            sentence = _("%(path)s: there is no time zone “%(zone)s”.")
            yield Fault(sentence % (name | {"zone": asked.zone[:100]}), path, "zone")
        asked = asked.otherwise
    for column in dict.fromkeys(rule.columns()):
        if column not in header:
            sentence = _("%(path)s: the file has no column “%(column)s”.") if column else str(_FROM_WHERE)
            yield Fault(sentence % (name | {"column": column[:100]}), path, "value")


def _missing(fields: Mapping[str, Rule], *, is_one_of_several: bool) -> Iterator[Fault]:
    for path in REQUIRED:
        if path not in fields:
            yield Fault(_FROM_WHERE % {"path": path}, path, "value")
    has_generation_id = "generation.external_id" in fields
    if not has_generation_id and not any(path.startswith("generation.messages.") for path in fields):
        yield Fault(_("Say which columns hold what was said, or generation.external_id."))
    if is_one_of_several and not has_generation_id:
        sentence = _(
            "generation.external_id: required where a row is several alerts, so that they are about one generation."
        )
        yield Fault(sentence, "generation.external_id", "value")


def _is_zone(name: str) -> bool:
    try:
        return bool(zone(name))
    except ValueError:
        return False
