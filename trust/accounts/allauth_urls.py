"""Sign-in, sign-out and passwords, by django-allauth, and the language before sign-in.

Sign-up has no address: people are made by an admin.
"""

from allauth.account import views
from django.urls import path, re_path
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.i18n import set_language

form = require_http_methods(["GET", "HEAD", "POST"])  # allauth's own views take PUT for POST

urlpatterns = [
    path("language/", require_POST(set_language), name="set_language"),
    path("login/", form(views.login), name="account_login"),
    path("signup/", form(views.signup), name="account_signup"),
    path("logout/", form(views.logout), name="account_logout"),
    path("reauthenticate/", form(views.reauthenticate), name="account_reauthenticate"),
    path("password/change/", form(views.password_change), name="account_change_password"),
    path("password/set/", form(views.password_set), name="account_set_password"),
    path("inactive/", require_safe(views.account_inactive), name="account_inactive"),
    path("password/reset/", form(views.password_reset), name="account_reset_password"),
    path("password/reset/done/", require_safe(views.password_reset_done), name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        form(views.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        require_safe(views.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
]
