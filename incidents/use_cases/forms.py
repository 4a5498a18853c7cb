from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.intake.models import Stage
from incidents.use_cases import rules
from incidents.use_cases.models import Fit
from incidents.use_cases.rules import Wish


class ApplicationForm(forms.Form):
    """What an actor asks for, as somebody enters it."""

    name = forms.CharField(
        label=_("Use case"),
        max_length=rules.LONGEST_NAME,
        help_text=_("Exactly as generations declare it in use_case."),
    )
    description = forms.CharField(
        label=_("What it is for"),
        max_length=rules.LONGEST_DESCRIPTION,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    expected_volume = forms.IntegerField(
        label=_("Expected volume"), min_value=1, max_value=rules.MOST_VOLUME, help_text=_("Generations a month.")
    )
    stage = forms.ChoiceField(label=_("Stage"), choices=Stage.choices)
    contact = forms.CharField(
        label=_("Contact"),
        max_length=rules.LONGEST_CONTACT,
        required=False,
        help_text=_("Whom to ask, in a few words."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            for name, sentences in rules.errors_in(self.wish()).items():
                self.add_error(name, sentences[0])
        return cleaned

    def wish(self) -> Wish:
        return Wish(**self.cleaned_data)


class ApprovalForm(forms.Form):
    conditions = forms.CharField(
        label=_("Conditions"),
        max_length=rules.LONGEST_DESCRIPTION,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What it is approved under, in words. Reviewers read them beside each item."),
    )
    expires_on = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        help_text=_("It ends by itself when this day ends (UTC). Empty: until it is withdrawn."),
    )


class ReasonForm(forms.Form):
    """Why an application is declined, or an approval withdrawn."""

    reason = forms.CharField(
        label=_("Your reason"),
        max_length=rules.LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Why it is declined or withdrawn: kept with the use case and in the audit."),
    )


class FitForm(forms.Form):
    answer = forms.ChoiceField(choices=Fit.Answer.choices)
