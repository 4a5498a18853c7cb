"""The form of one clause: every field, with as many rows of examples as there are and some empty ones."""

from __future__ import annotations

from collections.abc import Mapping as Names
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from policies import outside_form, rows, steps_form, tags
from policies.merging import Raw
from policies.models import ClauseVersion, PolicyGap
from policies.texts import LONGEST, MOST_EXAMPLES, MOST_STEPS
from policies.vocabulary import Severity
from policies.wording import Basis, Fields, Wording, fields_of

GAPS_OFFERED: Final = 50
EXAMPLES: Final = {"violates": _("Violates"), "does_not_violate": _("Does not violate")}
PARTS: Final = ("text", "reason")


def long_text(label: Any, most: int, rows: int, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, widget=forms.Textarea(attrs={"rows": rows}), **options)


class ClauseForm(forms.Form):
    """One clause's text in a draft, with the reason for the change and the gap that it closes.

    ``basis`` and ``note_before`` are what the writer had before them, as the page was made. A clause that is new, which
    no version in force ever had, names its outside categories here as well.
    """

    basis = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    note_before = forms.CharField(max_length=2_000, required=False, widget=forms.HiddenInput)
    title = forms.CharField(label=_("Title"), max_length=LONGEST["title"])
    definition = long_text(
        _("Definition"),
        LONGEST["definition"],
        8,
        help_text=_("What reviewers judge by. Two to four precise sentences, in Markdown."),
    )
    public_text = long_text(
        _("Public wording"),
        LONGEST["public_text"],
        4,
        help_text=_("What the people who are held to it read, in Markdown."),
    )
    usual_severity = forms.TypedChoiceField(
        label=_("Usual severity"), coerce=int, choices=[(str(level.value), level.in_full) for level in Severity]
    )
    is_anticipated = forms.BooleanField(label=_("We anticipated this harm"), required=False)
    unmapped_reason = long_text(
        _("Why no outside category fits"),
        LONGEST["unmapped_reason"],
        2,
        required=False,
        help_text=_("Where an outside taxonomy has none."),
    )
    languages = forms.CharField(
        label=_("Languages"),
        max_length=1_000,
        required=False,
        help_text=_("Which the clause and its examples apply to, as in de, pt-BR. Empty for all."),
    )
    change_note = long_text(_("Why it changes"), LONGEST["change_note"], 2, help_text=_("Kept with the version."))
    gap = forms.ModelChoiceField(
        label=_("The gap it closes"), queryset=PolicyGap.objects.none(), required=False, empty_label=_("None")
    )

    def __init__(self, *args: Any, is_new: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_new = is_new
        newest = PolicyGap.objects.open().order_by("-last_seen_at", "-pk")[:GAPS_OFFERED]
        self.fields["gap"].queryset = PolicyGap.objects.filter(pk__in=newest.values("pk"))  # type: ignore[attr-defined]
        given = self.data if self.is_bound else self.initial
        self.rows = {kind: rows.count(given, kind, PARTS, most=MOST_EXAMPLES) for kind in EXAMPLES}
        self.outside_rows = outside_form.count(given) if is_new else 0
        for number in range(self.outside_rows):
            self.fields |= outside_form.fields(number)
        for kind, label in EXAMPLES.items():
            for number in range(self.rows[kind]):
                self._add_example(kind, number, label)
        for level in Severity:
            self.fields[f"ladder_{level.value}"] = long_text(level.in_full, LONGEST["ladder"], 2)
            self.fields |= steps_form.fields(level)

    def _add_example(self, kind: str, number: int, label: Any) -> None:
        name = {"kind": label, "number": number + 1}
        self.fields[f"{kind}_{number}_text"] = long_text(
            _("%(kind)s, example %(number)s") % name, LONGEST[kind], 2, required=False
        )
        self.fields[f"{kind}_{number}_reason"] = long_text(
            _("%(kind)s, reason %(number)s") % name, LONGEST[kind], 1, required=False
        )

    @classmethod
    def of(cls, raw: Raw, *, is_new: bool) -> ClauseForm:
        """Return the form filled with what ``raw_of`` or ``typed`` say."""
        return cls(initial=raw, is_new=is_new)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for kind in EXAMPLES:
            for number in range(self.rows[kind]):
                text, reason = (cleaned.get(f"{kind}_{number}_{part}") for part in PARTS)
                if text and not reason:
                    self.add_error(f"{kind}_{number}_reason", _("Say why: the reason is what reviewers learn from."))
                if reason and not text:
                    self.add_error(f"{kind}_{number}_text", _("Give the example that this is the reason of."))
        steps_form.refuse(self, cleaned)
        outside_form.refuse(self, cleaned, count=self.outside_rows)
        return cleaned

    def clean_languages(self) -> list[str]:
        found = tags.read(self.cleaned_data["languages"])
        if refusal := tags.refusal_of(found):
            raise forms.ValidationError(refusal)
        return found

    def wording(self) -> Wording:
        cleaned = self.cleaned_data
        return Wording(
            **{name: cleaned[name] for name in ("title", "definition", "public_text", "is_anticipated")},
            violates=self._examples(cleaned, "violates"),
            does_not_violate=self._examples(cleaned, "does_not_violate"),
            ladder=[cleaned[f"ladder_{level.value}"] for level in Severity],
            usual_severity=cleaned["usual_severity"],
            recommended=steps_form.recommended(cleaned),
            unmapped_reason=cleaned["unmapped_reason"],
            languages=cleaned["languages"],
            outside=outside_form.names(cleaned, count=self.outside_rows) if self.is_new else None,
        )

    def basis_given(self) -> Basis | None:
        return Basis.read(self.cleaned_data["basis"], self.cleaned_data["note_before"])

    def typed(self) -> Raw:
        """Return what was sent, by the names of the fields, without judging it."""
        return {name: plain(self.data.get(name)) for name in self.fields}

    def unchecked(self) -> ClauseVersion:
        """Return what was sent as a clause that is nowhere stored, to be looked at."""
        raw = self.typed()
        return ClauseVersion(
            title=raw["title"],
            definition=raw["definition"],
            public_text=raw["public_text"],
            violates=self._examples(raw, "violates"),
            does_not_violate=self._examples(raw, "does_not_violate"),
            ladder=[raw[f"ladder_{level.value}"] for level in Severity],
        )

    def _examples(self, given: Names[str, Any], kind: str) -> list[dict[str, str]]:
        return rows.filled(given, kind, PARTS, rows=self.rows[kind])

    # ── For the template ─────────────────────────────────

    def examples(self) -> list[tuple[Any, list[tuple[forms.BoundField, forms.BoundField]]]]:
        """Return each kind of examples with its pairs of fields."""
        return [
            (label, [(self[f"{kind}_{row}_text"], self[f"{kind}_{row}_reason"]) for row in range(self.rows[kind])])
            for kind, label in EXAMPLES.items()
        ]

    def outside(self) -> list[list[forms.BoundField]]:
        """Return the fields of each row of outside names."""
        return [[self[name] for name in outside_form.fields(number)] for number in range(self.outside_rows)]

    def ladder(self) -> list[tuple[forms.BoundField, forms.BoundField, list[tuple[forms.BoundField, ...]]]]:
        """Return for each severity what it means, what is recommended, and the pairs of fields of further steps."""
        return [
            (
                self[f"ladder_{level.value}"],
                self[f"recommended_{level.value}"],
                [
                    (self[f"steps_{level.value}_{row}_strikes"], self[f"steps_{level.value}_{row}_kind"])
                    for row in range(MOST_STEPS)
                ],
            )
            for level in Severity
        ]


def raw_of(fields: Fields, *, is_new: bool, change_note: str = "") -> Raw:
    """Return a clause's fields as its form writes them."""
    raw = {name: str(fields[name]) for name in ("title", "definition", "public_text", "unmapped_reason")}
    raw["usual_severity"] = str(int(fields["usual_severity"]))
    raw["is_anticipated"] = "on" if fields["is_anticipated"] else ""
    for kind in EXAMPLES:
        cases = fields[kind][:MOST_EXAMPLES]
        raw |= rows.raw(kind, [{part: case.get(part, "") for part in PARTS} for case in cases])
    for level in Severity:
        raw[f"ladder_{level.value}"] = fields["ladder"][level.value] if level < len(fields["ladder"]) else ""
    raw["languages"] = ", ".join(fields.get("languages", []))
    raw |= steps_form.raw_of(fields["recommended"])
    if is_new:
        raw |= outside_form.raw_of(fields.get("outside", []))
    return {name: plain(value) for name, value in raw.items()} | {"change_note": change_note}


def raw_of_text(text: ClauseVersion, *, change_note: str, is_new: bool = False) -> Raw:
    basis = {"basis": str(Basis.of(text)), "note_before": change_note}
    return raw_of(fields_of(text), is_new=is_new, change_note=change_note) | basis


def plain(value: Any) -> str:
    return str(value or "").replace("\r\n", "\n").replace("\0", "").strip()
