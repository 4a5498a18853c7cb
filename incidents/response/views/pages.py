"""What is read: the list, one incident, its tabs."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from incidents.actors.models import Actor
from incidents.response import queries, rules
from incidents.response.filters import IncidentFilter
from incidents.response.forms import NumbersForm, OwnerForm, ReasonForm
from incidents.response.models import Incident
from trust.access import needs
from trust.filtering import older_url
from trust.htmx import StaffRequest, render_page
from trust.pagination import keyset_page
from trust.permissions import Permission

NEWEST_EVENTS = 10
ACTIONS_OFFERED = 20
INCIDENTS_OF_ACTOR = 10


@require_safe
@needs(Permission.READ_INCIDENTS)
def incident_list(request: StaffRequest) -> HttpResponse:
    chosen = IncidentFilter.of(request, Incident.objects.visible_to(request.user).for_list())
    page = keyset_page(request, chosen.qs, by=["-created_at", "-pk"])
    context = {
        "page": page,
        "filter": chosen,
        "older_url": older_url(request, page.older),
        "may_create": request.user.may(Permission.EDIT_INCIDENTS),
    }
    return render_page(request, "response/list.html", context)


@require_safe
@needs(Permission.READ_INCIDENTS)
def incident(request: StaffRequest, pk: int) -> HttpResponse:
    return overview_page(request, get_incident(request, pk), ReasonForm())


@require_safe
@needs(Permission.READ_INCIDENTS)
def timeline(request: StaffRequest, pk: int) -> HttpResponse:
    incident = get_incident(request, pk)
    page = keyset_page(request, queries.timeline(incident, request.user), by=["-at", "-pk"])
    context = {
        **head(request, incident, "timeline"),
        "timeline": queries.timeline_entries(incident, page, request.user),
        "older_url": older_url(request, page.older),
    }
    return render_page(request, "response/timeline.html", context)


@require_safe
@needs(Permission.READ_INCIDENTS)
def items(request: StaffRequest, pk: int) -> HttpResponse:
    return items_page(request, get_incident(request, pk), NumbersForm())


@require_safe
@needs(Permission.READ_ACTORS)
def actors(request: StaffRequest, pk: int) -> HttpResponse:
    return actors_page(request, get_incident(request, pk), NumbersForm())


@require_safe
@needs(Permission.READ_ENFORCEMENT)
def actions(request: StaffRequest, pk: int) -> HttpResponse:
    return actions_page(request, get_incident(request, pk), NumbersForm())


@require_safe
@needs(Permission.READ_INCIDENTS)
def of_actor(request: StaffRequest, pk: int) -> HttpResponse:
    """A fragment for the actor's page: the incidents that they belong to."""
    actor = get_object_or_404(Actor.objects.visible_to(request.user), pk=pk)
    context = {
        "actor": actor,
        "incidents": queries.incidents_of_actor(actor, request.user, INCIDENTS_OF_ACTOR),
        "may_create": request.user.may(Permission.EDIT_INCIDENTS),
    }
    return render_page(request, "response/of_actor.html", context, fragment="response/_of_actor.html")


# ── Shared with what changes an incident ─────────────────


def get_incident(request: StaffRequest, pk: int) -> Incident:
    visible = Incident.objects.visible_to(request.user).select_related("owner", "created_by")
    return get_object_or_404(visible, pk=pk)


def head(request: StaffRequest, incident: Incident, tab: str) -> dict[str, Any]:
    """Return what ``response/_head.html`` reads."""
    return {
        "incident": incident,
        "tab": tab,
        "counts": queries.counts(incident, request.user),
        "may_edit": request.user.may(Permission.EDIT_INCIDENTS),
    }


def overview_page(request: StaffRequest, incident: Incident, form: ReasonForm) -> HttpResponse:
    events = queries.timeline(incident, request.user).order_by("-at", "-pk")[:NEWEST_EVENTS]
    context = {
        **head(request, incident, "overview"),
        "steps": queries.steps(incident),
        "timeline": queries.timeline_entries(incident, events, request.user),
        "form": form,
        "owner_form": OwnerForm(initial={"owner": incident.owner_id}),
        "may_reopen": Incident.Status.OPEN in rules.ALLOWED[incident.status],
    }
    return render_page(request, "response/incident.html", context, status=422 if form.errors else 200)


def items_page(request: StaffRequest, incident: Incident, form: NumbersForm) -> HttpResponse:
    page = keyset_page(request, queries.item_links(incident, request.user), by=["-pk"])
    context = {
        **head(request, incident, "items"),
        "page": page,
        "opens": queries.items_that_open(page, request.user),
        "sees_actors": request.user.may(Permission.READ_ACTORS),
        "may_add": request.user.may(Permission.VIEW_CONTENT),
        "form": form,
        "older_url": older_url(request, page.older),
    }
    return render_page(request, "response/items.html", context, status=422 if form.errors else 200)


def actors_page(request: StaffRequest, incident: Incident, form: NumbersForm) -> HttpResponse:
    page = keyset_page(request, queries.actor_links(incident, request.user), by=["-pk"])
    context = {
        **head(request, incident, "actors"),
        "may_share": request.user.may(Permission.SHARE_ACTORS),
        "page": page,
        "form": form,
        "older_url": older_url(request, page.older),
    }
    return render_page(request, "response/actors.html", context, status=422 if form.errors else 200)


def actions_page(request: StaffRequest, incident: Incident, form: NumbersForm) -> HttpResponse:
    page = keyset_page(request, queries.enforcement_links(incident, request.user), by=["-pk"])
    context = {
        **head(request, incident, "actions"),
        "page": page,
        "offered": queries.enforcement_to_link(incident, request.user, ACTIONS_OFFERED),
        "form": form,
        "older_url": older_url(request, page.older),
    }
    return render_page(request, "response/actions.html", context, status=422 if form.errors else 200)
