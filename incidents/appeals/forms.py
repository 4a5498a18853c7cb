from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.appeals import rules
from incidents.appeals.models import AppealJudgement
from incidents.appeals.queries import FindingOnItem
from incidents.appeals.rules import Ruling, Scope


class ObjectionForm(forms.Form):
    """The one field of the public page. The text is kept as it came."""

    text = forms.CharField(
        label=_("What is wrong with the decision"),
        max_length=rules.LONGEST_TEXT,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("At most 5,000 characters. Leave out passwords and other people's data."),
    )

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if refusal := rules.refusal_of_text(text):
            raise forms.ValidationError(refusal)
        return text


class JudgementForm(forms.Form):
    """A judgement: what falls in part is chosen from ``findings``, and from the action where it still runs."""

    outcome = forms.ChoiceField(
        label=_("Your judgement"), choices=AppealJudgement.Outcome.choices, widget=forms.RadioSelect
    )
    items = forms.TypedMultipleChoiceField(label=_("What falls"), coerce=int, required=False)
    lifts = forms.BooleanField(label=_("The action ends"), required=False)
    reason = forms.CharField(
        label=_("Your reason"),
        max_length=rules.LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For the team: kept with the appeal and in the audit."),
    )
    statement = forms.CharField(
        label=_("Statement for the actor"),
        max_length=rules.LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The actor reads this under their link. Quote no content and name nobody."),
    )

    def __init__(self, data: Any = None, *, findings: Sequence[FindingOnItem], scope: Scope) -> None:
        super().__init__(data)
        self.scope = scope
        falling = [finding for finding in findings if finding.item in scope.items]
        self.fields["items"].choices = [(one.item, str(one.item)) for one in falling]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            for name, sentences in rules.errors_in(self.ruling(), self.scope).items():
                self.add_error(name, sentences[0])
        return cleaned

    def ruling(self) -> Ruling:
        return Ruling(
            outcome=self.cleaned_data["outcome"],
            reason=self.cleaned_data["reason"],
            statement=self.cleaned_data["statement"],
            items=self.cleaned_data["items"],
            lifts=self.cleaned_data["lifts"],
        )

    @property
    def chosen_items(self) -> set[str]:
        return set(map(str, self["items"].value() or []))
