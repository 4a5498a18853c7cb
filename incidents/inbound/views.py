from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.inbound import operations
from incidents.inbound.forms import SecretForm, WebhookForm
from incidents.inbound.models import InboundWebhook
from trust import clock
from trust.access import needs
from trust.filtering import older_url
from trust.htmx import StaffRequest, render_page
from trust.pagination import keyset_page
from trust.permissions import Permission

_TAB = {"tab": "webhooks", "reads_settings": True}


@require_safe
@needs(Permission.READ_SETTINGS)
def webhook_list(request: StaffRequest) -> HttpResponse:
    rows = InboundWebhook.objects.visible_to(request.user).select_related("tally")
    page = keyset_page(request, rows, by=["name"])
    context = _TAB | {
        "page": page,
        "older_url": older_url(request, page.older),
        "may_manage": request.user.may(Permission.MANAGE_ENDPOINTS),
    }
    return render_page(request, "inbound/list.html", context)


@require_safe
@needs(Permission.READ_SETTINGS)
def webhook(request: StaffRequest, pk: int) -> HttpResponse:
    return _page(request, _found(request, pk), SecretForm())


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.MANAGE_ENDPOINTS)
def create(request: StaffRequest) -> HttpResponse:
    form = WebhookForm(request.POST if request.method == "POST" else None)
    if not (form.is_bound and form.is_valid()):
        return render_page(request, "inbound/create.html", _TAB | {"form": form}, status=422 if form.is_bound else 200)
    made = operations.create(**form.cleaned_data, by=request.user)
    return _back(request, made, _("%(name)s is made. Give its address to the provider.") % {"name": made.name})


@require_POST
@needs(Permission.MANAGE_ENDPOINTS)
def set_secret(request: StaffRequest, pk: int) -> HttpResponse:
    form = SecretForm(request.POST)
    if not form.is_valid():
        return _page(request, _found(request, pk), form)
    changed = operations.set_secret(_found(request, pk), secret=form.cleaned_data["secret"], by=request.user)
    return _back(request, changed, _("The secret is in force."))


@require_POST
@needs(Permission.MANAGE_ENDPOINTS)
def end_former_secret(request: StaffRequest, pk: int) -> HttpResponse:
    changed = operations.end_former_secret(_found(request, pk), by=request.user)
    return _back(request, changed, _("The former secret is believed no more."))


@require_POST
@needs(Permission.MANAGE_ENDPOINTS)
def switch_on(request: StaffRequest, pk: int) -> HttpResponse:
    changed = operations.switch_on(_found(request, pk), by=request.user)
    return _back(request, changed, _("%(name)s is on.") % {"name": changed.name})


@require_POST
@needs(Permission.MANAGE_ENDPOINTS)
def switch_off(request: StaffRequest, pk: int) -> HttpResponse:
    changed = operations.switch_off(_found(request, pk), by=request.user)
    return _back(request, changed, _("%(name)s is off; whatever comes is refused.") % {"name": changed.name})


def _found(request: StaffRequest, pk: int) -> InboundWebhook:
    return get_object_or_404(InboundWebhook.objects.visible_to(request.user).select_related("tally"), pk=pk)


def _page(request: StaffRequest, found: InboundWebhook, form: SecretForm) -> HttpResponse:
    path = reverse("api-webhook-openai", args=[found.token])
    former_until = found.former_until
    context: dict[str, Any] = _TAB | {
        "webhook": found,
        "address": f"{settings.PUBLIC_URL}{path}",
        "has_secret": found.sealed_secret is not None,
        "former_until": former_until if former_until and former_until > clock.now() else None,
        "may_manage": request.user.may(Permission.MANAGE_ENDPOINTS),
        "form": form,
    }
    return render_page(request, "inbound/webhook.html", context, status=422 if form.errors else 200)


def _back(request: StaffRequest, changed: InboundWebhook, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return HttpResponseRedirect(changed.get_absolute_url())
