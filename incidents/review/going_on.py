"""Where reviewers go once they are done with an item: to the next of its queue, or where they learn why none comes."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from incidents.queues import operations as queues, queries
from incidents.queues.models import Queue
from trust.htmx import StaffRequest
from trust.refusals import Refused


def claim_next(request: StaffRequest, queue: Queue) -> queues.Claim | None:
    """Claim the next item of ``queue``, unless its notice is to be read first. What was done before stays done."""
    if queries.asks_to_join(queue, request.user):
        return None
    try:
        return queues.claim(queue, by=request.user)
    except Refused as refusal:  # a limit, or a clearance that ended
        messages.warning(request, refusal.sentence)
        return None


def without_next(request: StaffRequest, queue: Queue) -> HttpResponse:
    """Go to the notice of ``queue`` where it is to be read first, else to the queues, and say that nothing waits."""
    if queries.asks_to_join(queue, request.user):
        return _to(request, reverse("queues:join", args=[queue.slug]))
    messages.info(request, _("Nothing more waits for you in %(queue)s.") % {"queue": queue.name})
    return to_queues(request)


def to_queues(request: StaffRequest) -> HttpResponse:
    return _to(request, reverse("queues:list"))


def _to(request: StaffRequest, address: str) -> HttpResponse:
    return HttpResponse(headers={"HX-Redirect": address}) if request.htmx else HttpResponseRedirect(address)
