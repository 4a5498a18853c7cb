"""The shapes of what people type about incidents."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy as _

from incidents.response import rules
from incidents.response.models import Incident
from incidents.response.rules import Description
from policies.vocabulary import Severity
from trust.accounts.models import User
from trust.integers import read_id
from trust.permissions import ROLES_WITH, Permission


class NumbersField(forms.CharField):
    """Numbers of items, actors and the like: "48212, 48213"; cleaned to a list without repeats."""

    def clean(self, value: Any) -> list[int]:
        text = super().clean(value)
        words = [word for word in re.split(r"[\s,;]+", text) if word]
        numbers = [number for word in words if (number := read_id(word)) is not None]
        if len(numbers) < len(words):
            raise forms.ValidationError(gettext("Write numbers with commas between them."))
        if len(words) > rules.MOST_AT_ONCE:
            raise forms.ValidationError(gettext("At most %(most)s at once.") % {"most": rules.MOST_AT_ONCE})
        return list(dict.fromkeys(numbers))


def severity_field() -> forms.TypedChoiceField:
    choices = [(level.value, level.in_full) for level in Severity]
    return forms.TypedChoiceField(label=_("Severity"), choices=choices, coerce=int)


class NewIncidentForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=rules.LONGEST_TITLE)
    severity = severity_field()
    is_anticipated = forms.BooleanField(
        label=_("Anticipated"), required=False, help_text=_("Somebody had written down that this could happen.")
    )
    items = NumbersField(
        label=_("Items"), required=False, max_length=10_000, help_text=_("Their numbers, with commas between.")
    )


class DescriptionForm(forms.Form):
    """Everything that ``operations.describe`` may change. Times that the status does not have yet are left out."""

    title = forms.CharField(label=_("Title"), max_length=rules.LONGEST_TITLE)
    summary = forms.CharField(
        label=_("Summary"),
        required=False,
        max_length=rules.LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What happened, in a few sentences. No content, no names of actors."),
    )
    severity = severity_field()
    is_anticipated = forms.BooleanField(label=_("Anticipated"), required=False)
    started_at = forms.DateTimeField(label=_("Started"), required=False)
    detected_at = forms.DateTimeField(label=_("Detected"))
    contained_at = forms.DateTimeField(label=_("Contained"), required=False)
    resolved_at = forms.DateTimeField(label=_("Resolved"), required=False)

    def __init__(self, incident: Incident, data: Any = None) -> None:
        names = ("title", "summary", "severity", "is_anticipated", *TIMES)
        super().__init__(data, initial={name: getattr(incident, name) for name in names})
        for name in TIMES:
            self.fields[name].widget = forms.DateTimeInput(format="%Y-%m-%d %H:%M:%S")
            self.fields[name].widget.attrs["autocomplete"] = "off"
        for name in ("contained_at", "resolved_at"):
            if getattr(incident, name) is None:
                del self.fields[name]

    def description(self) -> Description:
        return Description(**{"contained_at": None, "resolved_at": None, **self._unchanged_to_the_microsecond()})

    def _unchanged_to_the_microsecond(self) -> dict[str, Any]:
        """Keep a time that was not touched exactly as it was: the form shows it to the second."""
        values = dict(self.cleaned_data)
        for name in TIMES:
            before = self.initial[name]
            if name in values and before and values[name] == before.replace(microsecond=0):
                values[name] = before
        return values


TIMES = ("started_at", "detected_at", "contained_at", "resolved_at")


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("What makes it so"), max_length=rules.LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 2})
    )


class OwnerForm(forms.Form):
    owner = forms.ModelChoiceField(label=_("Owner"), queryset=User.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = sorted(ROLES_WITH[Permission.EDIT_INCIDENTS])
        people = User.objects.active().filter(roles__overlap=roles).order_by("name", "pk")
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]


class NumbersForm(forms.Form):
    numbers = NumbersField(label=_("Numbers"), max_length=10_000)
