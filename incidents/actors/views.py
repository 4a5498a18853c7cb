from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from incidents.actors import queries
from incidents.actors.filters import ActorFilter
from incidents.actors.models import Actor
from trust import clock
from trust.access import needs
from trust.filtering import older_url
from trust.htmx import StaffRequest, render_page
from trust.pagination import PANEL_SIZE, keyset_page
from trust.permissions import Permission


@require_safe
@needs(Permission.READ_ACTORS)
def actor_list(request: StaffRequest) -> HttpResponse:
    chosen = ActorFilter.of(request, Actor.objects.visible_to(request.user).select_related("parent"))
    page = keyset_page(request, chosen.qs, by=["-created_at", "-pk"])
    context = {"filter": chosen, "page": page, "older_url": older_url(request, page.older)}
    return render_page(request, "actors/list.html", context)


@require_safe
@needs(Permission.READ_ACTORS)
def detail(request: StaffRequest, pk: int) -> HttpResponse:
    """Who they are and what came from them, newest first. No content: that stands on the items."""
    actor = get_object_or_404(Actor.objects.visible_to(request.user).select_related("parent"), pk=pk)
    generations = actor.generations.not_restricted_for(request.user, clock.now())
    page = keyset_page(request, generations.for_history(), by=["-occurred_at", "-pk"], size=PANEL_SIZE)
    context = {
        "actor": actor,
        "page": page,
        "older_url": older_url(request, page.older),
        "identifiers": queries.shared_identifiers(actor),
        "may_open_items": request.user.may(Permission.MANAGE_QUEUES),
    }
    return render_page(request, "actors/detail.html", context)


@require_safe
@needs(Permission.READ_ACTORS)
def organisation(request: StaffRequest, pk: int) -> HttpResponse:
    """A fragment for the page of an actor: whom it belongs to, and who belongs to it, newest first."""
    actor = get_object_or_404(Actor.objects.visible_to(request.user).select_related("parent"), pk=pk)
    parent = Actor.objects.visible_to(request.user).filter(pk=actor.parent_id).first() if actor.parent_id else None
    found = queries.organisation_of(actor, request.user)
    page = keyset_page(request, found.readable, by=["-pk"], size=PANEL_SIZE)
    address = reverse("actors:organisation", args=[actor.pk])
    context = {
        "actor": actor,
        "parent": parent,
        "organisation": found,
        "page": page,
        "most": queries.MOST_COUNTED,
        "hidden": page.is_first and not page.older and len(page) < found.children <= queries.MOST_COUNTED,
        "older_url": f"{address}?cursor={page.older}" if page.older else "",
    }
    return render_page(request, "actors/organisation.html", context, fragment="actors/_organisation.html")
