from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from trust import clock
from trust.access import needs
from trust.filtering import older_url
from trust.htmx import StaffRequest, render_page
from trust.outgoing import operations, queries
from trust.outgoing.filters import MessageFilter
from trust.outgoing.forms import EndpointForm
from trust.outgoing.models import Endpoint
from trust.pagination import keyset_page
from trust.permissions import Permission


@require_GET
@needs(Permission.READ_SETTINGS)
def endpoint_list(request: StaffRequest) -> HttpResponse:
    context = {
        "states": queries.endpoint_states(Endpoint.objects.visible_to(request.user)),
        "may_manage": request.user.may(Permission.MANAGE_ENDPOINTS),
        "now": clock.now(),
        "tab": "endpoints",
        "reads_settings": True,
    }
    return render_page(request, "outgoing/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.MANAGE_ENDPOINTS)
def create(request: StaffRequest) -> HttpResponse:
    """The form; after it the secret, shown in this one answer and never again."""
    form = EndpointForm(request.POST if request.method == "POST" else None)
    if not (form.is_bound and form.is_valid()):
        return render_page(request, "outgoing/create.html", {"form": form}, status=422 if form.is_bound else 200)
    endpoint, secret = operations.create_endpoint(
        form.cleaned_data["name"],
        url=form.cleaned_data["url"],
        trusts_receipt=form.cleaned_data["trusts_receipt"],
        by=request.user,
    )
    return render_page(request, "outgoing/secret.html", {"endpoint": endpoint, "secret": secret})


@require_GET
@needs(Permission.READ_SETTINGS)
def endpoint(request: StaffRequest, pk: int) -> HttpResponse:
    """What it was sent and what it answered, newest first. What a message says stands on the page of its action."""
    endpoint = get_object_or_404(Endpoint.objects.visible_to(request.user), pk=pk)
    chosen = MessageFilter.of(request, endpoint.messages.for_log())
    page = keyset_page(request, chosen.qs, by=["-created_at", "-pk"])
    context = {
        "endpoint": endpoint,
        "filter": chosen,
        "page": page,
        "older_url": older_url(request, page.older),
        "may_manage": request.user.may(Permission.MANAGE_ENDPOINTS),
        "now": clock.now(),
    }
    return render_page(request, "outgoing/endpoint.html", context)


@require_POST
@needs(Permission.MANAGE_ENDPOINTS)
def change_secret(request: StaffRequest, pk: int) -> HttpResponse:
    """The new secret, shown in this one answer and never again."""
    endpoint, secret = operations.change_secret(get_object_or_404(Endpoint, pk=pk), by=request.user)
    return render_page(request, "outgoing/secret.html", {"endpoint": endpoint, "secret": secret})


@require_POST
@needs(Permission.MANAGE_ENDPOINTS)
def switch_on(request: StaffRequest, pk: int) -> HttpResponse:
    endpoint = operations.switch_on(get_object_or_404(Endpoint, pk=pk), by=request.user)
    messages.success(request, _("%(name)s is on; what waited goes out now.") % {"name": endpoint.name})
    return HttpResponseRedirect(reverse("outgoing:endpoints"))


@require_POST
@needs(Permission.MANAGE_ENDPOINTS)
def switch_off(request: StaffRequest, pk: int) -> HttpResponse:
    endpoint = operations.switch_off(get_object_or_404(Endpoint, pk=pk), by=request.user)
    messages.success(request, _("%(name)s is off; what waits for it stays.") % {"name": endpoint.name})
    return HttpResponseRedirect(reverse("outgoing:endpoints"))
