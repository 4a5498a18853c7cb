from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.linking.models import Word
from incidents.linking.rules import LONGEST_EVIDENCE


class WordForm(forms.Form):
    """What a person says of an actor and another, given by its number or by the name that it has outside."""

    other = forms.CharField(label=_("The other actor"), max_length=200)
    verdict = forms.ChoiceField(choices=Word.Verdict.choices, label=_("They are"), widget=forms.RadioSelect)
    evidence = forms.CharField(
        label=_("What it rests on"),
        max_length=LONGEST_EVIDENCE,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept with the link and in the audit."),
    )
