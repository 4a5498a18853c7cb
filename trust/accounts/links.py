"""The one-time link by which a person sets their first password: allauth's own password-reset address."""

from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse

from trust.accounts.models import User


def one_time_link(person: User) -> str:
    """Return an absolute address that works once and for ``PASSWORD_RESET_TIMEOUT``; setting a password ends it."""
    token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(person)
    arguments = {"uidb36": user_pk_to_url_str(person), "key": token}
    path = reverse("account_reset_password_from_key", kwargs=arguments)
    return f"{settings.PUBLIC_URL}{path}"
