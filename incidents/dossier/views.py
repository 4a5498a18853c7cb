from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from incidents.actors.models import Actor
from incidents.dossier import queries, traffic
from incidents.dossier.filters import TimelineFilter
from trust import clock
from trust.access import needs
from trust.audit.models import AuditEvent
from trust.filtering import older_url
from trust.htmx import StaffRequest, render_page
from trust.permissions import Permission


@require_safe
@needs(Permission.READ_ACTORS)
def timeline(request: StaffRequest, pk: int) -> HttpResponse:
    """All that happened to an actor, newest first: a page, and a fragment for the page of the actor."""
    actor = _actor(request, pk)
    chosen = TimelineFilter.of(request, AuditEvent.objects.none())
    place = queries.Place.read(request.GET.get("cursor", ""))
    found = queries.timeline(actor, request.user, clock.now(), chosen=chosen.chosen, place=place)
    context = {
        "actor": actor,
        "filter": chosen,
        "rows": found.rows,
        "is_first": place == queries.Place(),
        "older_url": older_url(request, found.older),
        "may_open_items": request.user.may(Permission.MANAGE_QUEUES),
    }
    return render_page(request, "dossier/timeline.html", context, fragment="dossier/_timeline.html")


@require_safe
@needs(Permission.READ_ACTORS)
def of_traffic(request: StaffRequest, pk: int) -> HttpResponse:
    """A fragment for the page of an actor: how much came in, and how much of it was what."""
    actor = _actor(request, pk)
    context = {"actor": actor, "traffic": traffic.traffic_of(actor, request.user, clock.now())}
    return render_page(request, "dossier/traffic.html", context, fragment="dossier/_traffic.html")


def _actor(request: StaffRequest, pk: int) -> Actor:
    return get_object_or_404(Actor.objects.visible_to(request.user), pk=pk)
