"""The forms of sign-in and passwords: allauth's, in our words, without placeholders that repeat a label."""

from typing import Any, ClassVar

from allauth.account import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class InOurWords:
    """Relabels the fields that ``words`` names, before a page draws them."""

    words: ClassVar[dict[str, Promise]]
    fields: dict[str, Any]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for name, label in self.words.items():
            self.fields[name].label = label
            self.fields[name].widget.attrs.pop("placeholder", None)


class SignInForm(InOurWords, forms.LoginForm):
    words = {"login": _("E-mail address"), "password": _("Password")}

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["password"].help_text = ""  # a link there would stand between the two fields; the page has it below


class ResetPasswordForm(InOurWords, forms.ResetPasswordForm):
    words = {"email": _("E-mail address")}


class ResetPasswordKeyForm(InOurWords, forms.ResetPasswordKeyForm):
    words = {"password1": _("New password"), "password2": _("New password, again")}


class ChangePasswordForm(InOurWords, forms.ChangePasswordForm):
    words = {
        "oldpassword": _("Current password"),
        "password1": _("New password"),
        "password2": _("New password, again"),
    }


class SetPasswordForm(InOurWords, forms.SetPasswordForm):
    words = {"password1": _("Password"), "password2": _("Password, again")}


class ReauthenticateForm(InOurWords, forms.ReauthenticateForm):
    words = {"password": _("Password")}
