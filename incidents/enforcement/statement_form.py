from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.enforcement.models import LONGEST_TEMPLATE
from incidents.enforcement.statements import refusal_of_template
from trust.integers import BIGGEST_BIGINT


class StatementForm(forms.Form):
    """A template. ``based_on`` is the number of the one that the person began with."""

    text = forms.CharField(
        label=_("What they are told"),
        required=False,
        max_length=LONGEST_TEMPLATE,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text=_("Plain text. Left empty, the template of our own holds."),
    )
    based_on = forms.IntegerField(min_value=0, max_value=BIGGEST_BIGINT, widget=forms.HiddenInput)

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"].replace("\r\n", "\n").strip()
        if refusal := refusal_of_template(text):
            raise forms.ValidationError(refusal)
        return text

    @property
    def typed(self) -> str:
        value: Any = self["text"].value()
        return str(value or "")
