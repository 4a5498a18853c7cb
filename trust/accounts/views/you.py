from typing import Any

from django.conf import settings as installed
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from trust import clock
from trust.accounts import operations
from trust.accounts.forms import KeyboardForm, LanguageForm, TimeZoneForm
from trust.htmx import StaffRequest, render_page
from trust.permissions import Permission


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def settings(request: StaffRequest) -> HttpResponse:
    person = request.user
    form = TimeZoneForm(request.POST if request.method == "POST" else None, initial={"time_zone": person.time_zone})
    if form.is_bound and form.is_valid():
        operations.set_time_zone(person, time_zone=form.cleaned_data["time_zone"])
        messages.success(request, _("Times are shown in your time zone."))
        return HttpResponseRedirect(reverse("accounts:settings"))
    return _settings_page(request, time_zone=form)


@require_POST
@login_required
def language(request: StaffRequest) -> HttpResponse:
    """Keep the person's own language; what was chosen in this browser before sign-in is forgotten with it."""
    form = LanguageForm(request.POST)
    if not form.is_valid():
        return _settings_page(request, language=form)
    chosen = operations.set_language(request.user, language=form.cleaned_data["language"]).language
    with translation.override(chosen or translation.get_language_from_request(request)):
        messages.success(request, _("Your language is saved."))
    response = HttpResponseRedirect(reverse("accounts:settings"))
    response.delete_cookie(installed.LANGUAGE_COOKIE_NAME, samesite="Lax")
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def keyboard(request: StaffRequest) -> HttpResponse:
    """Show and change the person's own keys; ``usual`` takes all usual ones back."""
    person = request.user
    form = KeyboardForm(request.POST if request.method == "POST" else None, own_keys=person.own_keys)
    is_usual = "usual" in request.POST
    if is_usual or (form.is_bound and form.is_valid()):
        operations.set_keys(person, own_keys={} if is_usual else form.own_keys())
        messages.success(request, _("Your keys are saved."))
        return HttpResponseRedirect(reverse("accounts:keyboard"))
    context = {
        "tab": "you",
        "reads_settings": person.may(Permission.READ_SETTINGS),
        "reads_sources": person.may(Permission.READ_SOURCES),
        "form": form,
        "groups": form.groups(),
    }
    return render_page(request, "accounts/keyboard.html", context, status=422 if form.errors else 200)


def _settings_page(request: StaffRequest, **forms: Any) -> HttpResponse:
    """Draw the settings with the form that was sent as it is, and the other as it is kept."""
    person = request.user
    context = {
        "tab": "you",
        "reads_settings": person.may(Permission.READ_SETTINGS),
        "reads_sources": person.may(Permission.READ_SOURCES),
        "time_zone": TimeZoneForm(initial={"time_zone": person.time_zone}),
        "language": LanguageForm(initial={"language": person.language}),
        "clearances": person.clearances.in_force(clock.now()).order_by("pk"),
    } | forms
    is_wrong = any(form.errors for form in forms.values())
    return render_page(request, "accounts/settings.html", context, status=422 if is_wrong else 200)
