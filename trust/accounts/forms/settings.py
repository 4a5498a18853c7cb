"""The settings of people and API keys."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from trust import languages
from trust.accounts import rules
from trust.accounts.models import LONGEST_CLEARANCE, Clearance, User
from trust.permissions import Role, Scope


class TimeZoneForm(forms.Form):
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones())]
        self.fields["time_zone"].choices = [("", _("UTC")), *zones]  # type: ignore[attr-defined]


class LanguageForm(forms.Form):
    language = forms.ChoiceField(
        label=_("Language"),
        choices=[("", _("As the browser asks")), *languages.NAMES.items()],
        required=False,
        help_text=_("Content and policies stay in the language that they were written in."),
    )


class RolesForm(forms.Form):
    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=Role.choices, widget=forms.CheckboxSelectMultiple, help_text=_("Roles add up.")
    )


class PersonForm(RolesForm):
    email = forms.EmailField(label=_("E-mail"), max_length=rules.LONGEST_NAME["email"])
    name = forms.CharField(label=_("Name"), max_length=rules.LONGEST_NAME["person"])

    field_order = ("email", "name", "roles")


class ClearanceForm(forms.Form):
    category = forms.ChoiceField(label=_("Restricted category"), choices=Clearance.CATEGORIES)
    days = forms.IntegerField(label=_("Days"), min_value=1, max_value=LONGEST_CLEARANCE.days, initial=30)


class KeyForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=rules.LONGEST_NAME["key"])
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        choices=[(scope.value, scope.value) for scope in Scope],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What it may be used for. content:read also needs the approval of a second admin."),
    )
    owner = forms.ModelChoiceField(
        label=_("Owner"),
        queryset=User.objects.none(),
        empty_label=_("Choose a person"),
        help_text=_("The key acts as this person."),
    )
    source = forms.SlugField(
        label=_("Source"),
        max_length=rules.LONGEST_NAME["source"],
        required=False,
        help_text=_("Where its alerts come from; made of the name when left empty."),
    )
    expires_days = forms.IntegerField(
        label=_("Expires after days"), min_value=1, max_value=rules.LONGEST_KEY_DAYS, required=False
    )
    requests_per_minute = forms.IntegerField(
        label=_("Requests per minute"),
        min_value=0,
        max_value=rules.HIGHEST_LIMIT,
        initial=600,
        help_text=_("0 means no limit"),
    )
    alerts_per_minute = forms.IntegerField(
        label=_("Alerts per minute"),
        min_value=0,
        max_value=rules.HIGHEST_LIMIT,
        initial=100_000,
        help_text=_("0 means no limit"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = User.objects.active().order_by("name", "pk")  # type: ignore[attr-defined]
