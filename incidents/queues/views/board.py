from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.queues import board as boards, operations
from incidents.queues.forms import QueueForm
from incidents.queues.models import Queue, Round
from trust import clock
from trust.access import needs
from trust.htmx import StaffRequest, render_page
from trust.permissions import Permission


@require_safe
@needs(Permission.MANAGE_QUEUES)
def board(request: StaffRequest) -> HttpResponse:
    now = clock.now()
    context = {"now": now, "board": boards.board(request.user, now), "most_held": boards.MOST_HELD}
    return render_page(request, "queues/board.html", context)


@require_POST
@needs(Permission.MANAGE_QUEUES)
def release(request: StaffRequest, pk: int) -> HttpResponse:
    """Give back to its queue what somebody holds."""
    round = get_object_or_404(Round.objects.open_to(request.user, clock.now()), pk=pk)
    operations.release(round, by=request.user)
    messages.info(request, _("Item %(item)s is back in its queue.") % {"item": round.item_id})
    return HttpResponseRedirect(reverse("queues:board"))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.MANAGE_QUEUES)
def set_up(request: StaffRequest, slug: str) -> HttpResponse:
    """How people work together in one queue: leases, holds, hand-overs."""
    queue = get_object_or_404(Queue.objects.visible_to(request.user, clock.now()), slug=slug)
    form = QueueForm(request.POST if request.method == "POST" else None, initial=QueueForm.initial_of(queue))
    if form.is_bound and form.is_valid():
        operations.set_up_queue(queue, **form.settings(), by=request.user)
        messages.success(request, _("Saved how %(queue)s works.") % {"queue": queue.name})
        return HttpResponseRedirect(reverse("queues:queue", args=[queue.slug]))
    context = {"queue": queue, "form": form}
    return render_page(request, "queues/set_up.html", context, status=422 if form.errors else 200)
