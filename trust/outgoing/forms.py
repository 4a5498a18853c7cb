from django import forms
from django.utils.translation import gettext_lazy as _

from trust.outgoing import rules


class EndpointForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=rules.LONGEST_NAME, help_text=_("How people here call it: “Billing”, “Gateway”.")
    )
    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        help_text=_("https on a public address; private networks are opened by WEBHOOK_ALLOWED_NETWORKS."),
    )
    trusts_receipt = forms.BooleanField(
        label=_("A 2xx answer means that the action is in force"),
        required=False,
        initial=True,
        help_text=_("Without it an action stays “delivered” until a person confirms it."),
    )

    def clean_name(self) -> str:
        return self._refused_by(rules.refusal_of_name, "name")

    def clean_url(self) -> str:
        return self._refused_by(rules.refusal_of_url, "url")

    def _refused_by(self, rule: rules.TextRule, field: str) -> str:
        text: str = self.cleaned_data[field]
        if refusal := rule(text):
            raise forms.ValidationError(refusal)
        return text
