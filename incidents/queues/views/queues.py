from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from incidents.queues import operations, queries
from incidents.queues.filters import RoundFilter
from incidents.queues.models import Queue, Round
from trust import clock
from trust.access import needs
from trust.filtering import older_url
from trust.htmx import StaffRequest, render_page
from trust.pagination import keyset_page
from trust.permissions import Permission

CLAIM_ORDER = ["rank", "due_at", "pk"]


@login_required
@require_safe
def queue_list(request: StaffRequest) -> HttpResponse:
    now = clock.now()
    queues = list(Queue.objects.visible_to(request.user, now))
    cards = queries.queue_cards(queues, now)
    context = {
        "now": now,
        "cards": cards,
        "may_manage_queues": request.user.may(Permission.MANAGE_QUEUES),
        "may_manage_routing": request.user.may(Permission.MANAGE_ROUTING),
        "may_report": request.user.may(Permission.REPORT),
        "overdue": sum(card.state.overdue for card in cards),
        "may_review": request.user.may(Permission.REVIEW),
    }
    return render_page(request, "queues/list.html", context)


@login_required
@require_safe
def queue(request: StaffRequest, slug: str) -> HttpResponse:
    now = clock.now()
    queue = get_object_or_404(Queue.objects.visible_to(request.user, now), slug=slug)
    sees_items = request.user.may(Permission.MANAGE_QUEUES)
    cards = queries.queue_cards([queue], now)
    context: dict[str, object] = {
        "now": now,
        "cards": cards,
        "card": cards[0],
        "may_review": request.user.may(Permission.REVIEW),
        "sees_items": sees_items,
    }
    if sees_items:
        context |= _items(request, queue)
    return render_page(request, "queues/queue.html", context)


def _items(request: StaffRequest, queue: Queue) -> dict[str, object]:
    """Load what a lead sees of a queue: who holds what, and one page of what is free. 4 queries."""
    rounds = Round.objects.open_to(request.user, clock.now()).filter(queue=queue)
    chosen = RoundFilter.of(request, rounds.free())
    page = keyset_page(request, chosen.qs.for_queue_page(), by=CLAIM_ORDER)
    return {
        "filter": chosen,
        "is_filtered": any(request.GET.get(name) for name in chosen.filters),
        "page": page,
        "older_url": older_url(request, page.older),
        "held": rounds.held().for_queue_page().order_by("lease_until", "pk")[:50],
    }


@require_POST
@needs(Permission.REVIEW)
def claim(request: StaffRequest, slug: str) -> HttpResponse:
    queue = get_object_or_404(Queue.objects.visible_to(request.user, clock.now()), slug=slug)
    claim = operations.claim(queue, by=request.user)
    if claim is None:
        messages.info(request, _("Nothing waits for you in %(queue)s.") % {"queue": queue.name})
        return HttpResponseRedirect(reverse("queues:list"))
    return HttpResponseRedirect(reverse("review:item", args=[claim.item_id]))
