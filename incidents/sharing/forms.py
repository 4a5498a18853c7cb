from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.sharing import operations, rules
from incidents.sharing.wording import TITLE, Tlp

TLP_WORDS = [
    (Tlp.RED, _("TLP:RED, for named people alone")),
    (Tlp.AMBER, _("TLP:AMBER, for their organisation and who it must protect")),
    (Tlp.GREEN, _("TLP:GREEN, for the community, not in public")),
    (Tlp.CLEAR, _("TLP:CLEAR, for everyone")),
]


class ShareForm(forms.Form):
    """In which format, for whom, under which title, and whether with outside ids. ``confirmed``: what was previewed."""

    format = forms.ChoiceField(
        label=_("Format"),
        choices=[(operations.Format.STIX, "STIX 2.1"), (operations.Format.MISP, "MISP")],
        initial=operations.Format.STIX,
        widget=forms.RadioSelect,
    )
    tlp = forms.ChoiceField(label=_("Who may read it"), choices=TLP_WORDS, initial=Tlp.AMBER)
    title = forms.CharField(
        label=_("Title"),
        max_length=rules.LONGEST_TITLE,
        initial=TITLE,
        help_text=_("Leaves with the file. No ids, addresses or names of colleagues."),
    )
    by_name = forms.BooleanField(
        label=_("With raw identifiers: the ids that these accounts have on your platform"),
        required=False,
        help_text=_("Whoever has the file can then name each account."),
    )
    reason = forms.CharField(
        label=_("Why they need to know the ids"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept in the audit, leaves with nothing."),
    )
    confirmed = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, may_name: bool, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if not may_name:
            del self.fields["by_name"], self.fields["reason"]

    def clean_title(self) -> str:
        title: str = self.cleaned_data["title"]
        return " ".join(title.split())

    def request_for(self) -> operations.Request:
        """Return what is asked for, of a form that is valid."""
        chosen = self.cleaned_data
        return operations.Request(
            format=operations.Format(chosen["format"]),
            tlp=Tlp(chosen["tlp"]),
            title=chosen["title"],
            is_by_name=bool(chosen.get("by_name")),
            reason=chosen.get("reason", ""),
        )
