from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.inbound import rules


class SecretField(forms.CharField):
    """A secret as the provider shows it. It is never written back into a page."""

    def __init__(self, *, required: bool, help_text: Any) -> None:
        super().__init__(
            label=_("Signing secret"),
            max_length=300,
            required=required,
            help_text=help_text,
            widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        )

    def clean(self, value: str) -> str:
        secret: str = super().clean(value)
        if secret and (refusal := rules.refusal_of_secret(secret)):
            raise forms.ValidationError(refusal)
        return secret


class WebhookForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=rules.LONGEST_NAME, help_text=_("How people here call it: “OpenAI, main project”.")
    )
    source = forms.SlugField(
        label=_("Source"),
        max_length=60,
        initial="openai-safety",
        help_text=_("What its alerts are filed under. Routing rules and Sources go by it."),
    )
    secret = SecretField(required=False, help_text=_("Leave it empty if the provider asks for the address first."))

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if refusal := rules.refusal_of_name(name):
            raise forms.ValidationError(refusal)
        return name


class SecretForm(forms.Form):
    secret = SecretField(required=True, help_text=_("As the provider shows it, once, when the webhook is made."))
