from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.retrospectives import rules
from incidents.retrospectives.models import Section
from trust.accounts.models import User
from trust.integers import BIGGEST_INTEGER


class SectionForm(forms.Form):
    """One section's prose; ``version`` is the one that the writer started from."""

    text = forms.CharField(
        required=False, max_length=rules.LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 12}), strip=True
    )
    version = forms.IntegerField(min_value=1, max_value=BIGGEST_INTEGER, widget=forms.HiddenInput)

    def __init__(self, section: Section, data: Any = None) -> None:
        super().__init__(data, initial={"text": section.text, "version": section.version})
        self.fields["text"].label = section.get_key_display()


class ActionItemForm(forms.Form):
    text = forms.CharField(label=_("What is to be done"), max_length=rules.LONGEST_ACTION)
    owner = forms.ModelChoiceField(label=_("Owner"), queryset=User.objects.none(), empty_label=_("Choose a person"))
    check_back_on = forms.DateField(
        label=_("Check back on"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The day to look whether it helped."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = User.objects.active().order_by("name", "pk")  # type: ignore[attr-defined]


class SignOffForm(forms.Form):
    version = forms.IntegerField(min_value=1, max_value=BIGGEST_INTEGER, widget=forms.HiddenInput)
