from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from incidents.search.parsing import LONGEST, NotUnderstood, Query, parse
from trust import clock


class SearchForm(forms.Form):
    """The one field of search. ``query`` is what it was read as, once it is valid."""

    q = forms.CharField(
        label=_("Look for"),
        max_length=LONGEST,
        error_messages={"required": _("Say what to look for.")},
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "spellcheck": "false"}),
    )
    query: Query

    def clean_q(self) -> str:
        text: str = self.cleaned_data["q"]
        try:
            self.query = parse(text, clock.now())
        except NotUnderstood as error:
            raise ValidationError(error.sentences) from error
        return text


class ViewForm(forms.Form):
    """What a view is saved by."""

    name = forms.CharField(label=_("Name of the view"), max_length=80)
    q = forms.CharField(max_length=LONGEST, widget=forms.HiddenInput)
    is_shared = forms.BooleanField(
        label=_("Share it"),
        required=False,
        help_text=_("Everybody who may search sees its name and what it looks for."),
    )

    def clean_q(self) -> str:
        found = SearchForm({"q": self.cleaned_data["q"]})
        if not found.is_valid():
            raise ValidationError(_("This search cannot be read, so it cannot be saved."))
        text: str = found.cleaned_data["q"]
        return text


def form_of(text: str) -> SearchForm:
    """Return the form with ``text``, read."""
    form = SearchForm({"q": text})
    form.is_valid()
    return form
