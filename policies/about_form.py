"""The form of what a draft says about its policy as a whole."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from policies.clause_form import long_text, plain
from policies.merging import Raw
from policies.models import PolicyVersion
from policies.texts import LONGEST
from policies.wording import About, Basis, Fields, about_of


class AboutForm(forms.Form):
    """Title and summary of a policy, with the reason for the change.

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

    @classmethod
    def of(cls, raw: Raw) -> AboutForm:
        """Return the form filled with what ``raw_of_about`` or ``typed`` say."""
        return cls(initial=raw, auto_id="about_%s")

    @classmethod
    def sent(cls, data: Raw) -> AboutForm:
        return cls(data, auto_id="about_%s")

    def about(self) -> About:
        return About(title=self.cleaned_data["title"], summary=self.cleaned_data["summary"])

    def basis_given(self) -> Basis | None:
        return Basis.read(self.cleaned_data["basis"], self.cleaned_data["note_before"])

    def typed(self) -> Raw:
        """Return what was sent, by the names of the fields, without judging it."""
        return {name: plain(self.data.get(name)) for name in self.fields}


def raw_of_about(fields: Fields, *, change_note: str) -> Raw:
    """Return a draft's own words as the form writes them."""
    return {name: plain(fields[name]) for name in ("title", "summary")} | {"change_note": change_note}


def raw_of_version(version: PolicyVersion) -> Raw:
    basis = {"basis": str(Basis.of_version(version)), "note_before": version.change_note}
    return raw_of_about(about_of(version), change_note=version.change_note) | basis
