from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.impact.rules import LEAST_DRAWN, MOST_DRAWN
from policies.models import Clause
from policies.vocabulary import Severity


class MarkForm(forms.Form):
    """What a writer says of one clause that a draft changes. ``removed``: what follows it is asked as well."""

    changes_meaning = forms.TypedChoiceField(
        label=_("What changes"),
        choices=[("yes", _("What it means")), ("no", _("Only its wording"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    successor = forms.CharField(label=_("The clause that takes its place"), max_length=80, required=False)

    def clean_successor(self) -> Clause | None:
        key = self.cleaned_data["successor"].strip()
        if not key:
            return None
        if (clause := Clause.objects.filter(key=key).first()) is None:
            raise forms.ValidationError(_("There is no clause with this key."))
        return clause


class SampleForm(forms.Form):
    size = forms.IntegerField(
        label=_("How many"),
        min_value=LEAST_DRAWN,
        max_value=MOST_DRAWN,
        initial=50,
        help_text=_("10 to 400. Half cite a clause that changes, half were flagged for this policy and judged benign."),
    )


class AgainForm(forms.Form):
    """A clause that the item violates, or none; no severity stands for the clause's usual one."""

    clause = forms.ChoiceField(required=False)
    severity = forms.TypedChoiceField(
        label=_("Severity"),
        required=False,
        coerce=lambda value: Severity(int(value)),
        empty_value=None,
        choices=[("", _("The usual one of the clause")), *((str(one.value), one.in_full) for one in Severity)],
    )

    def __init__(self, *arguments: Any, keys: list[str], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["clause"].choices = [("", ""), *((key, key) for key in keys)]  # type: ignore[attr-defined]
