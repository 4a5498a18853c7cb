"""The form of what a draft says about its policy as a whole."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from policies import rows
from policies.clause_form import long_text, plain
from policies.merging import Raw
from policies.models import PolicyVersion
from policies.texts import LONGEST, MOST_DEFINITIONS
from policies.wording import About, Basis, Fields, about_of

NAME: Final = "definitions"
PARTS: Final = ("term", "meaning")


class AboutForm(forms.Form):
    """Title, summary and defined terms of a policy, with the reason for the change.

    ``basis`` and ``note_before`` are what the writer had before them, as the page was made. Its page has another form
    with a title: the ids of this one begin with ``about_``.
    """

    basis = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    note_before = forms.CharField(max_length=2_000, required=False, widget=forms.HiddenInput)
    title = forms.CharField(label=_("Title"), max_length=LONGEST["title"])
    summary = long_text(
        _("Summary"), LONGEST["summary"], 5, help_text=_("What the policy is about, in public wording, in Markdown.")
    )
    change_note = long_text(_("Why it changes"), LONGEST["change_note"], 2, help_text=_("Kept with the version."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = self.data if self.is_bound else self.initial
        self.rows = rows.count(given, NAME, PARTS, most=MOST_DEFINITIONS)
        for number in range(self.rows):
            row = {"number": number + 1}
            self.fields[f"{NAME}_{number}_term"] = forms.CharField(
                label=_("Term %(number)s") % row, max_length=LONGEST["term"], required=False
            )
            self.fields[f"{NAME}_{number}_meaning"] = long_text(
                _("What term %(number)s means") % row, LONGEST["meaning"], 2, required=False
            )

    @classmethod
    def of(cls, raw: Raw) -> AboutForm:
        """Return the form filled with what ``raw_of_about`` or ``typed`` say."""
        return cls(initial=raw, auto_id="about_%s")

    @classmethod
    def sent(cls, data: Raw) -> AboutForm:
        return cls(data, auto_id="about_%s")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        seen: set[str] = set()
        for number in range(self.rows):
            places = [f"{NAME}_{number}_{part}" for part in PARTS]
            term, meaning = (cleaned.get(place) or "" for place in places)
            if self.errors.keys() & set(places) or not (term or meaning):
                continue
            if not (term and meaning):
                self.add_error(places[1 if term else 0], _("A term and what it means stand together."))
            elif term.casefold() in seen:
                self.add_error(places[0], _("“%(term)s” is defined twice.") % {"term": term})
            seen.add(term.casefold())
        return cleaned

    def about(self) -> About:
        cleaned = self.cleaned_data
        terms = rows.filled(cleaned, NAME, PARTS, rows=self.rows)
        return About(title=cleaned["title"], summary=cleaned["summary"], definitions=terms)

    def basis_given(self) -> Basis | None:
        return Basis.read(self.cleaned_data["basis"], self.cleaned_data["note_before"])

    def typed(self) -> Raw:
        """Return what was sent, by the names of the fields, without judging it."""
        return {name: plain(self.data.get(name)) for name in self.fields}

    def definitions(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Return the fields of each term."""
        return [(self[f"{NAME}_{row}_term"], self[f"{NAME}_{row}_meaning"]) for row in range(self.rows)]


def raw_of_about(fields: Fields, *, change_note: str) -> Raw:
    """Return a draft's own words as the form writes them."""
    words = {name: plain(fields[name]) for name in ("title", "summary")}
    terms = {name: plain(text) for name, text in rows.raw(NAME, fields.get(NAME, [])).items()}
    return words | terms | {"change_note": change_note}


def raw_of_version(version: PolicyVersion) -> Raw:
    basis = {"basis": str(Basis.of_version(version)), "note_before": version.change_note}
    return raw_of_about(about_of(version), change_note=version.change_note) | basis
