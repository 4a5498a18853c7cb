from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from trust import clock, once
from trust.access import needs
from trust.accounts import operations, rules
from trust.accounts.forms import KeyForm
from trust.accounts.models import ApiKey
from trust.filtering import older_url
from trust.htmx import StaffRequest, render_page
from trust.pagination import keyset_page
from trust.permissions import Permission


@require_safe
@needs(Permission.READ_SETTINGS)
def keys(request: StaffRequest) -> HttpResponse:
    page = keyset_page(request, ApiKey.objects.for_list(), by=["-pk"])
    now = clock.now()
    context = {
        "tab": "keys",
        "reads_settings": True,
        "rows": [(key, key.state(now), rules.refusal_to_approve_key(key, request.user)) for key in page],
        "older_url": older_url(request, page.older),
        "may_manage": request.user.may(Permission.MANAGE_KEYS),
    }
    return render_page(request, "accounts/keys.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.MANAGE_KEYS)
def create(request: StaffRequest) -> HttpResponse:
    if request.method == "POST" and (address := once.made_before(request)):
        messages.info(request, _("The key is made already. It was shown once, and is not shown again."))
        return HttpResponseRedirect(address)
    form = KeyForm(request.POST if request.method == "POST" else None)
    if not form.is_bound or not form.is_valid():
        context = {"tab": "keys", "reads_settings": True, "form": form}
        return render_page(request, "accounts/new_key.html", context, status=422 if form.errors else 200)
    values = dict(form.cleaned_data)
    key, text = operations.create_api_key(values.pop("name"), by=request.user, **values)
    once.remember(request, reverse("accounts:keys"))
    return render_page(
        request, "accounts/key_made.html", {"tab": "keys", "reads_settings": True, "made": key, "text": text}
    )


@require_POST
@needs(Permission.MANAGE_KEYS)
def approve(request: StaffRequest, pk: int) -> HttpResponse:
    key = operations.approve_api_key(get_object_or_404(ApiKey, pk=pk), by=request.user)
    messages.success(request, _("The key “%(name)s” answers now.") % {"name": key.name})
    return HttpResponseRedirect(reverse("accounts:keys"))


@require_POST
@needs(Permission.MANAGE_KEYS)
def revoke(request: StaffRequest, pk: int) -> HttpResponse:
    key = operations.revoke_api_key(get_object_or_404(ApiKey, pk=pk), by=request.user)
    messages.success(request, _("The key “%(name)s” is revoked.") % {"name": key.name})
    return HttpResponseRedirect(reverse("accounts:keys"))
