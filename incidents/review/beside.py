"""The fragments that the item's page fetches once the decision can be made: what is like it, and what was before."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from incidents.queues.alone import holds_alone
from incidents.queues.models import Item
from incidents.review import group_panel, queries
from trust import clock
from trust.htmx import StaffRequest, render_page
from trust.refusals import Refused


@login_required
@require_safe
def group(request: StaffRequest, pk: int) -> HttpResponse:
    """A fragment for the item's page: what is nearly the same, and what can be done to all of it."""
    now = clock.now()
    item = get_object_or_404(Item.objects.visible_to(request.user, now), pk=pk)
    panel = group_panel.group_panel(item, request.user)
    if panel and holds_alone(item, request.user, now):
        panel = panel.kept_back()
    context = {"item": item, "panel": panel, "now": now, "counted_to": group_panel.COUNTED_TO}
    return render_page(request, "review/_group.html", context)


@login_required
@require_safe
def past(request: StaffRequest, pk: int) -> HttpResponse:
    """A fragment for the item's page: what was decided about its actor before, and about the item itself."""
    now = clock.now()
    item = get_object_or_404(Item.objects.visible_to(request.user, now), pk=pk)
    context = {
        "item": item,
        "of_actor": queries.past_of_actor(item, request.user, now),
        "history": queries.history_of(item, request.user, now),
        "now": now,
    }
    return render_page(request, "review/_past.html", context)


@login_required
@require_safe
def similar(request: StaffRequest, pk: int) -> HttpResponse:
    """A fragment for the item's page: how items with the same rare words were judged, and where to find more."""
    now = clock.now()
    item = get_object_or_404(Item.objects.visible_to(request.user, now), pk=pk)
    context: dict[str, object] = {"item": item, "now": now}
    try:
        context["similar"] = queries.similar_to(item, request.user, now)
    except Refused as refusal:  # the page is whole without it
        context["refusal"] = refusal.sentence
    return render_page(request, "review/_similar.html", context)
