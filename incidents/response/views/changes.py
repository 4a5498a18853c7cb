"""What changes an incident: each view reads a form and calls one operation."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from incidents.actors.models import Actor
from incidents.enforcement.models import EnforcementAction
from incidents.queues.models import Item
from incidents.response import operations, queries
from incidents.response.forms import (
    DescriptionForm,
    NewIncidentForm,
    NumbersForm,
    OwnerForm,
    ReasonForm,
)
from incidents.response.models import Incident
from incidents.response.views import pages
from trust.access import needs
from trust.htmx import StaffRequest, render_page
from trust.integers import read_id
from trust.permissions import Permission

ITEMS_OF_ACTOR = 50

Step = Callable[..., Incident]


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.EDIT_INCIDENTS)
def create(request: StaffRequest) -> HttpResponse:
    """``?items=1,2`` or ``?actor=5`` (their violating items) fills the form in, as item and actor pages do."""
    if request.method != "POST":
        form = NewIncidentForm(initial={"items": _items_to_start_from(request), "severity": 2})
        return render_page(request, "response/new.html", {"form": form})
    form = NewIncidentForm(request.POST)
    if not form.is_valid():
        return render_page(request, "response/new.html", {"form": form}, status=422)
    values = form.cleaned_data
    incident = operations.create_incident(
        values["title"],
        severity=values["severity"],
        items=[Item(pk=number) for number in values["items"]],
        is_anticipated=values["is_anticipated"],
        by=request.user,
    )
    messages.success(request, _("Incident %(number)s is open.") % {"number": incident.pk})
    return HttpResponseRedirect(incident.get_absolute_url())


def _items_to_start_from(request: StaffRequest) -> str:
    actor = read_id(request.GET.get("actor", ""))
    if actor is not None:
        numbers = queries.items_to_start_from(actor, request.user, ITEMS_OF_ACTOR)
        return ", ".join(map(str, numbers))
    return request.GET.get("items", "")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.EDIT_INCIDENTS)
def edit(request: StaffRequest, pk: int) -> HttpResponse:
    incident = pages.get_incident(request, pk)
    form = DescriptionForm(incident, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        operations.describe(incident, description=form.description(), by=request.user)
        messages.success(request, _("The incident is saved."))
        return HttpResponseRedirect(incident.get_absolute_url())
    context = {**pages.head(request, incident, ""), "form": form}
    return render_page(request, "response/edit.html", context, status=422 if form.errors else 200)


# ── Its state ────────────────────────────────────────────


@require_POST
@needs(Permission.EDIT_INCIDENTS)
def contain(request: StaffRequest, pk: int) -> HttpResponse:
    return _move(request, pk, operations.contain, _("The incident is contained."))


@require_POST
@needs(Permission.EDIT_INCIDENTS)
def resolve(request: StaffRequest, pk: int) -> HttpResponse:
    return _move(request, pk, operations.resolve, _("The incident is resolved."))


@require_POST
@needs(Permission.EDIT_INCIDENTS)
def reopen(request: StaffRequest, pk: int) -> HttpResponse:
    return _move(request, pk, operations.reopen, _("The incident is open again."))


def _move(request: StaffRequest, pk: int, step: Step, sentence: str) -> HttpResponse:
    incident = pages.get_incident(request, pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return pages.overview_page(request, incident, form)
    step(incident, reason=form.cleaned_data["reason"], by=request.user)
    messages.success(request, sentence)
    return HttpResponseRedirect(incident.get_absolute_url())


@require_POST
@needs(Permission.EDIT_INCIDENTS)
def reassign(request: StaffRequest, pk: int) -> HttpResponse:
    incident = pages.get_incident(request, pk)
    form = OwnerForm(request.POST)
    if form.is_valid():
        operations.reassign(incident, owner=form.cleaned_data["owner"], by=request.user)
        messages.success(request, _("%(person)s owns the incident now.") % {"person": form.cleaned_data["owner"]})
    else:
        messages.error(request, _("Choose an owner from the list."))
    visible = Incident.objects.visible_to(request.user).filter(pk=pk).exists()
    return HttpResponseRedirect(incident.get_absolute_url() if visible else reverse("response:list"))


# ── What belongs to it ───────────────────────────────────


@require_POST
@needs(Permission.EDIT_INCIDENTS)
def add_items(request: StaffRequest, pk: int) -> HttpResponse:
    incident = pages.get_incident(request, pk)
    form = NumbersForm(request.POST)
    if not form.is_valid():
        return pages.items_page(request, incident, form)
    added = operations.add_items(incident, [Item(pk=n) for n in form.cleaned_data["numbers"]], by=request.user)
    messages.success(request, _added(len(added)))
    return HttpResponseRedirect(reverse("response:items", args=[pk]))


@require_POST
@needs(Permission.EDIT_INCIDENTS)
def remove_item(request: StaffRequest, pk: int, item_pk: int) -> HttpResponse:
    incident = pages.get_incident(request, pk)
    item = get_object_or_404(Item, pk=item_pk, incident_links__incident=incident)
    operations.remove_item(incident, item, by=request.user)
    return _removed(request, "response:items", pk)


@require_POST
@needs(Permission.EDIT_INCIDENTS)
@needs(Permission.READ_ACTORS)
def add_actors(request: StaffRequest, pk: int) -> HttpResponse:
    incident = pages.get_incident(request, pk)
    form = NumbersForm(request.POST)
    if not form.is_valid():
        return pages.actors_page(request, incident, form)
    added = operations.add_actors(incident, [Actor(pk=n) for n in form.cleaned_data["numbers"]], by=request.user)
    messages.success(request, _added(len(added)))
    return HttpResponseRedirect(reverse("response:actors", args=[pk]))


@require_POST
@needs(Permission.EDIT_INCIDENTS)
def remove_actor(request: StaffRequest, pk: int, actor_pk: int) -> HttpResponse:
    incident = pages.get_incident(request, pk)
    actor = get_object_or_404(Actor.objects.visible_to(request.user), pk=actor_pk, incident_links__incident=incident)
    operations.remove_actor(incident, actor, by=request.user)
    return _removed(request, "response:actors", pk)


@require_POST
@needs(Permission.EDIT_INCIDENTS)
@needs(Permission.READ_ENFORCEMENT)
def add_actions(request: StaffRequest, pk: int) -> HttpResponse:
    incident = pages.get_incident(request, pk)
    form = NumbersForm(request.POST)
    if not form.is_valid():
        return pages.actions_page(request, incident, form)
    actions = [EnforcementAction(pk=number) for number in form.cleaned_data["numbers"]]
    added = operations.add_enforcement(incident, actions, by=request.user)
    messages.success(request, _added(len(added)))
    return HttpResponseRedirect(reverse("response:actions", args=[pk]))


@require_POST
@needs(Permission.EDIT_INCIDENTS)
def remove_action(request: StaffRequest, pk: int, action_pk: int) -> HttpResponse:
    incident = pages.get_incident(request, pk)
    visible = EnforcementAction.objects.visible_to(request.user)
    action = get_object_or_404(visible, pk=action_pk, incident_links__incident=incident)
    operations.remove_enforcement(incident, action, by=request.user)
    return _removed(request, "response:actions", pk)


def _added(count: int) -> str:
    if count == 0:
        return _("Everything you named was linked already.")
    return ngettext("%(count)s is linked now.", "%(count)s are linked now.", count) % {"count": count}


def _removed(request: StaffRequest, route: str, pk: int) -> HttpResponse:
    messages.success(request, _("It is no longer linked. The audit remembers that it was."))
    return HttpResponseRedirect(reverse(route, args=[pk]))
