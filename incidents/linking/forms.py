from collections.abc import Collection
from typing import Any

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


class ChosenForm(forms.Form):
    """Which of the linked actors something is proposed for. ``confirmed`` repeats them, once the preview was seen."""

    actors = forms.TypedMultipleChoiceField(label=_("For whom"), coerce=int)
    confirmed = forms.CharField(required=False, max_length=2_000, widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, offered: Collection[int], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["actors"].choices = [(pk, str(pk)) for pk in offered]  # type: ignore[attr-defined]

    @property
    def numbers(self) -> str:
        return ",".join(map(str, sorted(self.cleaned_data["actors"])))

    @property
    def is_confirmed(self) -> bool:
        return bool(self.cleaned_data["confirmed"] == self.numbers)
