"""A file with where it is from, and the mapping of its columns as a table of fields."""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec
from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.intake.formats.catalogue import FORMATS
from incidents.intake.formats.paths import FIELDS

SPARE_ROWS: Final = 3
MOST_ROWS: Final = 200
ORIGINS: Final = {
    "column": _("a column"),
    "constant": _("the same for all"),
    "text": _("a text with columns in braces"),
}
PATHS: Final = [*FIELDS, *(f"generation.messages.{role}" for role in ("system", "user", "assistant"))]


class UploadForm(forms.Form):
    """The file stands last: one that is too large takes what comes behind it along."""

    format = forms.ChoiceField(label=_("Format"), choices=[(slug, known.title) for slug, known in FORMATS.items()])
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

    @property
    def is_time(self) -> bool:
        return bool(self["path"].value() == "occurred_at")


class MappingForm:
    """The simple rules of a mapping as rows; what a row cannot say stays as it is and is named in ``others``."""

    def __init__(self, mapping: dict[str, Any] | None, data: Any = None) -> None:
        self.mapping = mapping or {"fields": {}}
        fields = self.mapping.get("fields", {})
        simple = {path: rule for path, rule in fields.items() if _origin(rule)}
        self.others = {
            path: json.dumps(rule, ensure_ascii=False) for path, rule in fields.items() if path not in simple
        }
        if self.mapping.get("alerts"):
            self.others["alerts"] = json.dumps(self.mapping["alerts"], ensure_ascii=False)
        initial = [_row(path, simple[path]) for path in sorted(simple, key=_place)]
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

    def blame(self, sentences: list[str]) -> list[str]:
        """Put what is wrong beside the field that it names; return what names none."""
        rest = []
        for sentence in sentences:
            path = sentence.partition(": ")[0].removeprefix("fields.")
            row = next((row for row in self.rows if row.cleaned_data.get("path", "").strip() == path), None)
            if row is None:
                rest.append(sentence)
            else:
                row.add_error("value", sentence)
        return rest


def filled(mapping: dict[str, Any] | None) -> MappingForm:
    """Return the table as if it had been typed, so that what is wrong can stand beside its fields."""
    rows = MappingForm(mapping).rows
    data = {f"{row.prefix}-{name}": value for row in rows for name, value in row.initial.items()}
    table = MappingForm(mapping, {**data, "rows": str(len(rows))})
    table.is_valid()
    return table


class JsonForm(forms.Form):
    mapping = forms.CharField(
        label=_("Mapping as JSON"),
        max_length=70_000,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
    )

    def clean_mapping(self) -> dict[str, Any]:
        try:
            mapping = json.loads(self.cleaned_data["mapping"])
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(_("Not valid JSON: %(reason)s"), params={"reason": error}) from error
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


def _place(path: str) -> tuple[int, str]:
    """Sort the fields as the documentation has them, those with names of their own last."""
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
    }


def _rule(row: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    """Return the rule of a row; what its rule said before that a row does not show stays."""
    rest = {name: value for name, value in old.items() if name not in {*ORIGINS, "time", "zone"}}
    origin = row["origin"] or "column"
    before = old.get(origin)
    value = before if before is not None and json.dumps(before) == row["value"] else row["value"]
    given = {name: row[name].strip() for name in ("time", "zone") if row[name].strip()}
    return {origin: value, **given, **rest}


def _count(data: Any) -> int:
    sent = str(data.get("rows", ""))
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 4 else SPARE_ROWS
