from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.queues import listing, operations, queries
from incidents.queues.filters import RoundFilter
from incidents.queues.forms import NoticeForm
from incidents.queues.models import Queue, Round
from incidents.wellbeing import rules as wellbeing
from trust import clock
from trust.access import needs
from trust.filtering import older_url
from trust.htmx import StaffRequest, render_page
from trust.pagination import keyset_page
from trust.permissions import Permission
from trust.saved import queries as saved

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
        "holding": queries.queues_held_in(request.user, now),
        "overdue": sum(card.state.overdue for card in cards),
        "may_review": request.user.may(Permission.REVIEW),
        "enough": _enough(request, now) if request.user.may(Permission.REVIEW) else [],
    }
    return render_page(request, "queues/list.html", context)


@login_required
@require_safe
def queue(request: StaffRequest, slug: str) -> HttpResponse:
    queue = _queue(request, slug)
    return _show(request, queue, NoticeForm.of(queue))


def _show(request: StaffRequest, queue: Queue, form: NoticeForm, *, status: int = 200) -> HttpResponse:
    now = clock.now()
    sees_items = request.user.may(Permission.MANAGE_QUEUES)
    cards = queries.queue_cards([queue], now)
    context: dict[str, object] = {
        "now": now,
        "cards": cards,
        "card": cards[0],
        "holding": queries.queues_held_in(request.user, now),
        "may_review": request.user.may(Permission.REVIEW),
        "sees_items": sees_items,
    }
    if sees_items:
        context |= _items(request, queue) | {"form": form}
    return render_page(request, "queues/queue.html", context, status=status)


def _enough(request: StaffRequest, now: datetime) -> list[str]:
    """Say what does not come to the person now and why, and what is near. 2 queries."""
    standing = operations.standing_for(request.user)
    why = wellbeing.bounds_of(standing, now).why
    return [*filter(None, [why]), *wellbeing.sentences_after_item(standing, now)]


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
        "held": queries.with_wakes_at(rounds.held(), clock.now()).for_queue_page().order_by("lease_until", "pk")[:50],
    }


@require_safe
@needs(Permission.REVIEW)
def every(request: StaffRequest) -> HttpResponse:
    """List what is open in all queues, or closed; of what one may not see it says no more than that it is there."""
    if not request.GET and (start := saved.start_view("items", by=request.user)):
        return HttpResponseRedirect(start.get_absolute_url())
    chosen = listing.EveryFilter.of(request, Round.objects.all())
    page = chosen.page(request)
    is_closed, sees_items = chosen.wanted_status == Round.Status.CLOSED, request.user.may(Permission.MANAGE_QUEUES)
    context = {
        "filter": chosen,
        "page": page,
        "older_url": older_url(request, page.older),
        "now": chosen.now,
        "is_closed": is_closed,
        "sees_items": sees_items,
        "is_ticked": sees_items and not is_closed and bool(page.rows),
        "query": request.GET.urlencode(),
        "shelf": saved.shelf("items", chosen.stored(), by=request.user),
        "looked_through": listing.LOOKED_THROUGH,
    }
    return render_page(request, "queues/every.html", context)


@require_POST
@needs(Permission.REVIEW)
def claim(request: StaffRequest, slug: str) -> HttpResponse:
    queue = _queue(request, slug)
    if queries.asks_to_join(queue, request.user):
        return HttpResponseRedirect(reverse("queues:join", args=[queue.slug]))
    claim = operations.claim(queue, by=request.user)
    if claim is None:
        messages.info(request, _("Nothing waits for you in %(queue)s.") % {"queue": queue.name})
        return HttpResponseRedirect(reverse("queues:list"))
    return HttpResponseRedirect(reverse("review:item", args=[claim.item_id]))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.REVIEW)
def join(request: StaffRequest, slug: str) -> HttpResponse:
    """Say once what the queue holds; who goes on takes its next item, and is not asked again."""
    queue = _queue(request, slug)
    if request.method == "POST":
        operations.join(queue, by=request.user)
        return claim(request, slug)
    return render_page(request, "queues/join.html", {"queue": queue})


@require_POST
@needs(Permission.MANAGE_QUEUES)
def set_notice(request: StaffRequest, slug: str) -> HttpResponse:
    queue = _queue(request, slug)
    form = NoticeForm(request.POST)
    if not form.is_valid():
        return _show(request, queue, form, status=422)
    operations.set_notice(queue, **form.cleaned_data, by=request.user)
    messages.success(request, _("Saved: this is what people are told to expect."))
    return HttpResponseRedirect(reverse("queues:queue", args=[slug]))


@require_POST
@needs(Permission.REVIEW)
def take_break(request: StaffRequest) -> HttpResponse:
    operations.take_break(by=request.user)
    return HttpResponseRedirect(reverse("wellbeing:own"))


def _queue(request: StaffRequest, slug: str) -> Queue:
    return get_object_or_404(Queue.objects.visible_to(request.user, clock.now()), slug=slug)
