from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from trust.filtering import older_url
from trust.htmx import StaffRequest, render_page
from trust.pagination import keyset_page
from trust.permissions import Permission
from trust.refusals import Refused
from trust.saved import operations, places
from trust.saved.forms import OWN_IDS, SaveForm, ViewForm
from trust.saved.models import SavedView
from trust.saved.places import Place


@login_required
@require_safe
def view_list(request: StaffRequest) -> HttpResponse:
    """All views that the person sees, list by list; where they are renamed, shared and deleted."""
    lists = {place.name: place for place in places.open_to(request.user)}
    if not lists:
        raise Http404
    page = keyset_page(request, SavedView.objects.visible_to(request.user).for_tabs(request.user), by=["name", "pk"])
    context = {
        "page": page,
        "older_url": older_url(request, page.older),
        "lists": lists.values(),
        "tidies_up": request.user.may(Permission.MANAGE_QUEUES),
    }
    return render_page(request, "saved/list.html", context)


@login_required
@require_POST
def save(request: StaffRequest) -> HttpResponse:
    place = _place(request)
    form = SaveForm(request.POST, auto_id=OWN_IDS)
    if form.is_valid():
        try:
            view = operations.save_view(**form.cleaned_data, by=request.user)
        except Refused as refusal:  # the page itself, so that nothing typed is lost
            form.take(refusal)
        else:
            messages.info(request, _("Saved as “%(name)s”.") % {"name": view.name})
            return HttpResponseRedirect(place.address(view.query))
    query = form.cleaned_data.get("query") or {}
    return render_page(
        request, "saved/save.html", {"form": form, "place": place, "back": place.address(query)}, status=422
    )


@login_required
@require_safe
def open_view(request: StaffRequest, pk: int) -> HttpResponse:
    """Lead to the list; where the view asks for what is no longer there, say so and open nothing by itself."""
    view = _view(request, pk)
    reading = view.list.read(view.query, request.user)
    if not reading.gone:
        return HttpResponseRedirect(view.list.address(reading.query))
    context = {
        "view": view,
        "reading": reading,
        "rest_url": view.list.address(reading.query) if reading.query else "",
        "plain_url": view.list.address({}),
        "is_own": view.owner_id == request.user.pk,
    }
    return render_page(request, "saved/gone.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: StaffRequest, pk: int) -> HttpResponse:
    """The form of its owner, with what the view asks for in words."""
    view = get_object_or_404(SavedView.objects.visible_to(request.user).filter(owner=request.user), pk=pk)
    initial = {"name": view.name, "is_shared": view.is_shared}
    form = ViewForm(request.POST if request.method == "POST" else None, initial=initial, auto_id=OWN_IDS)
    if form.is_bound and form.is_valid():
        try:
            operations.change_view(view, **form.cleaned_data, by=request.user)
        except Refused as refusal:
            form.take(refusal)
        else:
            messages.info(request, _("Saved as “%(name)s”.") % {"name": form.cleaned_data["name"].strip()})
            return HttpResponseRedirect(reverse("saved:list"))
    context = {"form": form, "view": view, "reading": view.list.read(view.query, request.user)}
    return render_page(request, "saved/change.html", context, status=422 if form.is_bound else 200)


@login_required
@require_POST
def delete(request: StaffRequest, pk: int) -> HttpResponse:
    view = _view(request, pk)
    operations.delete_view(view, by=request.user)
    messages.info(request, _("Deleted “%(name)s”.") % {"name": view.name})
    return HttpResponseRedirect(reverse("saved:list"))


@login_required
@require_POST
def start_with(request: StaffRequest, pk: int) -> HttpResponse:
    view = _view(request, pk)
    operations.start_with(view, by=request.user)
    messages.info(request, _("%(list)s opens with “%(name)s” for you.") % {"list": view.list.label, "name": view.name})
    return HttpResponseRedirect(reverse("saved:list"))


@login_required
@require_POST
def start_plain(request: StaffRequest, pk: int) -> HttpResponse:
    view = _view(request, pk)
    operations.start_plain(view, by=request.user)
    messages.info(request, _("%(list)s opens with everything for you.") % {"list": view.list.label})
    return HttpResponseRedirect(reverse("saved:list"))


# ── Parts ────────────────────────────────────────────────


def _view(request: StaffRequest, pk: int) -> SavedView:
    return get_object_or_404(SavedView.objects.visible_to(request.user).select_related("owner"), pk=pk)


def _place(request: StaffRequest) -> Place:
    """Return the list that the form came from, if the person may open it."""
    place = places.named(request.POST.get("place", ""))
    if place is None or not request.user.may(place.permission):
        raise Http404
    return place
