from datetime import timedelta
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.queues.models import LONGEST, MOST_STEPS, Damping
from policies.models import Clause, ClauseVersion
from trust import clock

MUTE: Final = "mute"
LOWER: Final = "lower"
THIS: Final = "this"
EVERY: Final = "every"


class DampingForm(forms.Form):
    """Mute or lower a source, from now for some days."""

    effect = forms.ChoiceField(
        label=_("Do what"),
        choices=[
            (MUTE, _("Mute: keep what comes, hand it to nobody")),
            (LOWER, _("Lower: hand it out after the rest")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whether to mute or to lower.")},
    )
    steps = forms.IntegerField(
        label=_("Steps of priority to lower it by"),
        min_value=1,
        max_value=MOST_STEPS,
        initial=1,
        required=False,
    )
    days = forms.IntegerField(
        label=_("For how many days"),
        min_value=1,
        max_value=LONGEST.days,
        initial=7,
        help_text=_("At most 90; it ends by itself."),
    )
    reason = forms.CharField(
        label=_("Your reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Shown to everyone who reads this page."),
    )

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or {}
        if typed.get("effect") == LOWER and not self.errors.get("steps") and not typed.get("steps"):
            self.add_error("steps", _("Say by how many steps."))
        return typed

    def damping(self, **target: Any) -> Damping:
        """Return what was typed, not saved, for ``target``: source=, detector_version= or detector=."""
        typed = self.cleaned_data
        steps = typed["steps"] if typed["effect"] == LOWER else None
        until = clock.now() + timedelta(days=typed["days"])
        return Damping(steps=steps, reason=typed["reason"], until=until, **target)


class DetectorDampingForm(DampingForm):
    """The same of a detector: this version, or every one."""

    versions = forms.ChoiceField(
        label=_("Of which versions"),
        choices=[(THIS, _("This version")), (EVERY, _("Every version, also those to come"))],
        initial=THIS,
        widget=forms.RadioSelect,
    )
    field_order = ("effect", "steps", "versions", "days", "reason")


class MappingForm(forms.Form):
    """Which outside category stands for which clause in force."""

    category = forms.CharField(label=_("Category"), max_length=120, strip=False)
    clause = forms.ModelChoiceField(label=_("Clause"), queryset=Clause.objects.none(), empty_label=_("Choose a clause"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_force = ClauseVersion.objects.in_force().order_by().values("clause")
        clauses = Clause.objects.filter(pk__in=in_force).order_by("policy__position", "key")
        self.fields["clause"].queryset = clauses  # type: ignore[attr-defined]
