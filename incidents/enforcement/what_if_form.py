from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.enforcement import rules, what_if


class WhatIfForm(forms.Form):
    """A rule for strikes that is tried out; what is not given is as it is today."""

    days = forms.IntegerField(label=_("Counts for days"), min_value=1, max_value=730, initial=rules.STRIKE_DAYS)
    threshold = forms.IntegerField(label=_("From strikes"), min_value=1, max_value=100, initial=rules.STRIKES_PER_RUNG)

    def __init__(self, given: Mapping[str, Any]) -> None:
        super().__init__({**_rule_of_today(), **{name: given[name] for name in given}})
        for severity, weight in rules.STRIKES_OF_SEVERITY.items():
            label = _("Strikes for S%(severity)s") % {"severity": severity}
            self.fields[f"s{severity}"] = forms.IntegerField(label=label, min_value=0, max_value=20, initial=weight)
        self.order_fields([*(f"s{severity}" for severity in rules.STRIKES_OF_SEVERITY), "days", "threshold"])

    @property
    def rule(self) -> what_if.Rule:
        weights = tuple(self.cleaned_data[f"s{severity}"] for severity in rules.STRIKES_OF_SEVERITY)
        return what_if.Rule(weights, self.cleaned_data["days"])


def _rule_of_today() -> dict[str, int]:
    weights = {f"s{severity}": weight for severity, weight in rules.STRIKES_OF_SEVERITY.items()}
    return {**weights, "days": rules.STRIKE_DAYS, "threshold": rules.STRIKES_PER_RUNG}
