"""The forms of accounts: signing in (allauth's, in our words) and the settings."""

from trust.accounts.forms.keyboard import KeyboardForm
from trust.accounts.forms.settings import ClearanceForm, KeyForm, LanguageForm, PersonForm, RolesForm, TimeZoneForm
from trust.accounts.forms.signing_in import (
    ChangePasswordForm,
    ReauthenticateForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    SetPasswordForm,
    SignInForm,
)

__all__ = [
    "ChangePasswordForm",
    "ClearanceForm",
    "KeyForm",
    "KeyboardForm",
    "LanguageForm",
    "PersonForm",
    "ReauthenticateForm",
    "ResetPasswordForm",
    "ResetPasswordKeyForm",
    "RolesForm",
    "SetPasswordForm",
    "SignInForm",
    "TimeZoneForm",
]
