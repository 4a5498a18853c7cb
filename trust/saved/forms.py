from __future__ import annotations

from urllib.parse import parse_qsl

from django import forms
from django.utils.translation import gettext_lazy as _

from trust.refusals import Refused

OWN_IDS = "view_%s"  # the list has fields of its own
LONGEST_QUERY = 20_000  # as an address has it, where a letter may take nine


class ViewForm(forms.Form):
    """What a view is called, and who sees it."""

    name = forms.CharField(
        label=_("Name of the view"), max_length=80, error_messages={"required": _("Give the view a name.")}
    )
    is_shared = forms.BooleanField(
        label=_("Share it with the team"),
        required=False,
        help_text=_("Everybody who may open this list sees its name and what it looks for."),
    )

    def take(self, refusal: Refused) -> None:
        """Say in the form why the operation refused; what has no field there stands above it."""
        for name, sentences in (refusal.errors or {"": [refusal.sentence]}).items():
            shown = name in self.fields and not self.fields[name].widget.is_hidden
            for sentence in sentences:
                self.add_error(name if shown else None, sentence)


class SaveForm(ViewForm):
    """The list, and what it is narrowed by as its address has it."""

    place = forms.CharField(max_length=20, widget=forms.HiddenInput)
    query = forms.CharField(max_length=LONGEST_QUERY, required=False, widget=forms.HiddenInput)

    def clean_query(self) -> dict[str, str]:
        return dict(parse_qsl(self.cleaned_data["query"]))
