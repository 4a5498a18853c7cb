"""A file with where it is from, and the mapping of its columns as a table of fields."""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec
from django import forms
from django.utils.translation import gettext, gettext_lazy as _

from incidents.intake.formats import columns
from incidents.intake.formats.catalogue import FORMATS
from incidents.intake.formats.columns import Fault
from incidents.intake.formats.converting import Format
from incidents.intake.formats.paths import FIELDS
from trust import unreadable

SPARE_ROWS: Final = 3
MOST_ROWS: Final = 200
ORIGINS: Final = {
    "column": _("a column"),
    "constant": _("the same for all"),
    "text": _("a text with columns in braces"),
}
PATHS: Final = [*FIELDS, *(f"generation.messages.{role}" for role in ("system", "user", "assistant"))]


def _formats() -> list[tuple[str, str]]:
    """Name the formats in the order of their titles in the reader's language."""
    return sorted(((slug, str(known.title)) for slug, known in FORMATS.items()), key=lambda pair: pair[1].casefold())


class UploadForm(forms.Form):
    """The file stands last: one that is too large takes what comes behind it along."""

    format = forms.ChoiceField(label=_("Format"), choices=_formats)
    source = forms.SlugField(
        label=_("Source"),
        max_length=60,
        help_text=_("Where the alerts come from: one that is known, or a new name."),
        widget=forms.TextInput(attrs={"list": "sources", "autocomplete": "off"}),
    )
    file = forms.FileField(
        label=_("File"),
        max_length=255,
        help_text=_(
            "JSON, JSON lines or CSV in UTF-8, plain or gzip: at most 64 MiB, 256 MiB unpacked, 1,000,000 records."
        ),
    )

    def choose(self, known: Format) -> None:
        """Show another format as chosen than was sent."""
        self.data = {name: self.data[name] for name in self.data} | {"format": known.slug}


class FieldForm(forms.Form):
    """One field of the alert and where it comes from. A row without a field is no rule."""

    was = forms.CharField(required=False, max_length=300, widget=forms.HiddenInput)
    path = forms.CharField(
        label=_("Field"), required=False, max_length=300, widget=forms.TextInput(attrs={"list": "paths", "size": 28})
    )
    origin = forms.ChoiceField(label=_("Comes from"), choices=list(ORIGINS.items()), required=False)
    value = forms.CharField(
        label=_("Column, or what is said"),
        required=False,
        max_length=1_000,
        widget=forms.TextInput(attrs={"list": "columns"}),
        strip=False,
    )
    time = forms.CharField(
        label=_("Form of the time"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"placeholder": "%d/%m/%Y %H:%M"}),
    )
    zone = forms.CharField(
        label=_("Time zone"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"placeholder": "Europe/Berlin"}),
    )
    cells = forms.CharField(
        label=_("What its cells stand for"),
        required=False,
        max_length=5_000,
        widget=forms.TextInput(attrs={"placeholder": _("spam = true; fine = false; unsure =")}),
    )

    def clean_cells(self) -> dict[str, Any] | None:
        try:
            return _meanings(self.cleaned_data["cells"])
        except ValueError as error:
            raise forms.ValidationError(_("Write each as CELL = MEANING, with semicolons between.")) from error

    @property
    def is_time(self) -> bool:
        return bool(self["path"].value() == "occurred_at")


class MappingForm:
    """The simple rules of a mapping as rows; what a row cannot say stays as it is and is named in ``others``."""

    def __init__(self, mapping: dict[str, Any] | None, data: Any = None) -> None:
        self.mapping = mapping or {"fields": {}}
        fields = self.mapping.get("fields", {})
        simple = {path: rule for path, rule in fields.items() if _is_simple(rule)}
        self.others = {
            path: json.dumps(rule, ensure_ascii=False) for path, rule in fields.items() if path not in simple
        }
        if self.mapping.get("alerts"):
            self.others["alerts"] = json.dumps(self.mapping["alerts"], ensure_ascii=False)
        asked = {path: {"column": ""} for path in columns.REQUIRED if path not in fields}
        initial = [_row(path, rule) for path, rule in sorted((simple | asked).items(), key=_place)]
        count = _count(data) if data is not None else len(initial) + SPARE_ROWS
        self.rows = [
            FieldForm(data, prefix=f"f{at}", initial=initial[at] if at < len(initial) else {"origin": "column"})
            for at in range(min(count, MOST_ROWS))
        ]

    def is_valid(self) -> bool:
        return not any([row.errors for row in self.rows])  # noqa: C419  each row is to be checked

    def typed(self) -> dict[str, Any]:
        """Return the mapping with the rows as they were typed, right or wrong."""
        old = self.mapping.get("fields", {})
        kept = {path: rule for path, rule in old.items() if path in self.others}
        rows = [row.cleaned_data for row in self.rows if row.cleaned_data.get("path", "").strip()]
        typed = {row["path"].strip(): _rule(row, old.get(row["was"], {})) for row in rows}
        return {**self.mapping, "fields": {**typed, **kept}}

    def blame(self, faults: list[Fault]) -> list[str]:
        """Put what is wrong beside the field that it is about; return what is about none."""
        rest = []
        for fault in faults:
            row = self._row(fault.path)
            if row is None:
                rest.append(fault.sentence)
            else:
                row.add_error(_field(fault, row), fault.sentence)
        return rest

    def places(self, faults: list[Fault]) -> list[tuple[str, str]]:
        """Return what is wrong with the id of the input that it is about, "" where it is about none."""
        rows = [(fault, self._row(fault.path)) for fault in faults]
        return [(fault.sentence, row[_field(fault, row)].id_for_label if row else "") for fault, row in rows]

    def _row(self, path: str) -> FieldForm | None:
        return next((row for row in self.rows if path and (row["path"].value() or "").strip() == path), None)


class JsonForm(forms.Form):
    mapping = forms.CharField(
        label=_("Mapping as JSON"),
        max_length=70_000,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
    )

    def clean_mapping(self) -> dict[str, Any]:
        try:
            mapping = json.loads(self.cleaned_data["mapping"])
        except RecursionError as error:
            reason = {"reason": gettext("nested too deeply")}
            raise forms.ValidationError(_("Not valid JSON: %(reason)s"), params=reason) from error
        except ValueError as error:
            reason = {"reason": unreadable.why_not_json(error)}
            raise forms.ValidationError(_("Not valid JSON: %(reason)s"), params=reason) from error
        if not isinstance(mapping, dict):
            raise forms.ValidationError(_("Must be an object."))
        return mapping


class ChooseForm(forms.Form):
    name = forms.ChoiceField(label=_("A mapping that is there"))

    def __init__(self, names: list[tuple[str, str]], data: Any = None) -> None:
        super().__init__(data, auto_id="choose_%s")
        self.fields["name"].choices = names  # type: ignore[attr-defined]


class NameForm(forms.Form):
    name = forms.CharField(
        label=_("Keep this mapping as"), max_length=60, help_text=_("A name that is taken gets a new version.")
    )


def as_text(mapping: dict[str, Any] | None) -> str:
    return msgspec.json.format(msgspec.json.encode(mapping or {"fields": {}}), indent=2).decode()


def _origin(rule: Any) -> str:
    given = [name for name in (*ORIGINS, "one_of", "digest") if rule.get(name) is not None]
    return given[0] if len(given) == 1 and given[0] in ORIGINS and "otherwise" not in rule else ""


def _is_simple(rule: Any) -> bool:
    """Say whether a row can say the rule: it comes from one place, and its cells can be written down in a line."""
    return bool(_origin(rule)) and _can_be_written(rule.get("values"))


def _can_be_written(values: dict[str, Any] | None) -> bool:
    try:
        return json.dumps(_meanings(_written(values))) == json.dumps(values)
    except ValueError:
        return False


def _written(values: dict[str, Any] | None) -> str:
    """Write down what cells stand for: ``spam = true; fine = false; unsure =``."""
    return "; ".join(f"{cell} = {_word(meaning)}".rstrip() for cell, meaning in (values or {}).items())


def _word(meaning: Any) -> str:
    if meaning is None:
        return ""
    return meaning if isinstance(meaning, str) else json.dumps(meaning)


def _meanings(text: str) -> dict[str, Any] | None:
    """Read the same. Raises ValueError."""
    found: dict[str, Any] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        cell, equals, word = (piece.strip() for piece in part.partition("="))
        if not equals:
            raise ValueError(f"no meaning: {part!r}")
        found[cell] = _meaning(word)
    return found or None


def _meaning(word: str) -> Any:
    if word in {"true", "false"}:
        return word == "true"
    if not columns.is_number(word):
        return word or None
    try:
        return json.loads(word)
    except ValueError:
        return float(word)  # .5 or +1


def _field(fault: Fault, row: FieldForm) -> str:
    return fault.part if fault.part == "path" or (fault.part == "zone" and row.is_time) else "value"


def _place(item: tuple[str, Any]) -> tuple[int, str]:
    """Sort the fields as the documentation has them, those with names of their own last."""
    path = item[0]
    return (PATHS.index(path) if path in PATHS else len(PATHS), path)


def _row(path: str, rule: dict[str, Any]) -> dict[str, Any]:
    origin = _origin(rule)
    value = rule[origin]
    shown = value if isinstance(value, str) else json.dumps(value)
    return {
        "was": path,
        "path": path,
        "origin": origin,
        "value": shown,
        "time": rule.get("time", ""),
        "zone": rule.get("zone", ""),
        "cells": _written(rule.get("values")),
    }


def _rule(row: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    """Return the rule of a row; what its rule said before that a row does not show stays."""
    rest = {name: value for name, value in old.items() if name not in {*ORIGINS, "time", "zone", "values"}}
    origin = row["origin"] or "column"
    before = old.get(origin)
    value = before if before is not None and json.dumps(before) == row["value"] else row["value"]
    given = {name: row[name].strip() for name in ("time", "zone") if row[name].strip()}
    meant = {"values": row["cells"]} if row["cells"] else {}
    return {origin: value, **given, **meant, **rest}


def _count(data: Any) -> int:
    sent = str(data.get("rows", ""))
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 4 else SPARE_ROWS
