"""From the list of all queues to everything that it finds: select, look, confirm, follow, take back."""

from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import BadRequest
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.queues import listing
from incidents.queues.models import Queue, Round
from incidents.review import queries
from incidents.review.bulk import operations as bulks, rules
from incidents.review.bulk.forms import BulkForm
from incidents.review.findings import guidelines
from incidents.review.item_page import offered_in_bulk
from incidents.review.models import Bulk, BulkPart
from trust import clock
from trust.access import needs
from trust.filtering import older_url
from trust.htmx import StaffRequest, is_fragment_request, render_page
from trust.integers import read_id
from trust.pagination import PAGE_SIZE, keyset_page
from trust.permissions import Permission
from trust.refusals import Refused

SAMPLE: Final = 10


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.MANAGE_QUEUES)
def bulk_list(request: StaffRequest) -> HttpResponse:
    """What was done in bulk, newest first.

    POST stores the query in the address, as the list of all queues reads it; with ``chosen`` only the rounds ticked.
    """
    if request.method == "POST":
        chosen = listing.EveryFilter.of(request, Round.objects.all())
        if chosen.wanted_status != Round.Status.OPEN:
            raise BadRequest(_("status: only open items are handled in bulk."))
        if "chosen" in request.POST:
            chosen.only = _chosen_one_by_one(request)
        return _to(bulks.store(chosen.stored(), by=request.user))
    seen = Bulk.objects.visible_to(request.user, clock.now())
    started = seen.filter(job__isnull=False).select_related("made_by", "job", "undoing")
    page = keyset_page(request, started, by=["-pk"])
    return render_page(request, "review/bulk_list.html", {"page": page, "older_url": older_url(request, page.older)})


@require_safe
@needs(Permission.MANAGE_QUEUES)
def bulk(request: StaffRequest, pk: int) -> HttpResponse:
    """What was done, how far it is, and what was left alone."""
    found = _bulk(request, pk)
    if found.job_id is None:
        return HttpResponseRedirect(reverse("review:bulk_start", args=[pk]))
    return _progress_page(request, found)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.MANAGE_QUEUES)
def start(request: StaffRequest, pk: int) -> HttpResponse:
    """Show what was selected, and begin once its count is confirmed."""
    found = _bulk(request, pk)
    if request.method != "POST":
        form = BulkForm(queues=_queues(request), initial={"count": found.count, "digest": found.digest})
        return _to(found) if found.job_id else _confirm_page(request, found, form, 200)
    form = BulkForm(request.POST, queues=_queues(request))
    if not form.is_valid():
        return _confirm_page(request, found, form, form.status)
    typed = form.cleaned_data
    shown = {"count": typed["count"], "digest": typed["digest"]}
    try:
        bulks.start(
            found, action=typed["action"], values=form.values(), reason=typed["reason"], **shown, by=request.user
        )
    except Refused as refusal:  # the page itself, so that nothing typed is lost
        form.take(refusal)
        return _confirm_page(request, _bulk(request, pk), form, form.status)
    return _to(found)


@require_safe
@needs(Permission.MANAGE_QUEUES)
def progress(request: StaffRequest, pk: int) -> HttpResponse:
    """How far the work is; the page asks again until it ends, and then shows what became of it."""
    context = _progress(_bulk(request, pk))
    if context["running"] is None and is_fragment_request(request):
        response = HttpResponse()
        response["HX-Redirect"] = reverse("review:bulk", args=[pk])
        return response
    return render_page(request, "review/_bulk_progress.html", context)


@require_POST
@needs(Permission.MANAGE_QUEUES)
def cancel(request: StaffRequest, pk: int) -> HttpResponse:
    found = _bulk(request, pk)
    bulks.cancel(found, by=request.user)
    return _to(found)


@require_POST
@needs(Permission.MANAGE_QUEUES)
def undo(request: StaffRequest, pk: int) -> HttpResponse:
    return _to(bulks.undo(_bulk(request, pk), by=request.user))


# ── Parts ────────────────────────────────────────────────


def _chosen_one_by_one(request: StaffRequest) -> list[int]:
    """Return the numbers of the rounds that were ticked in one page. Raises Refused when none was."""
    sent = request.POST.getlist("round")
    if not sent:
        raise Refused(_("Select items first: tick them in the list."), code="invalid", status=422)
    numbers = [number for one in sent if (number := read_id(one)) is not None]
    if len(sent) > PAGE_SIZE or len(numbers) < len(sent):
        raise BadRequest(_("round: at most %(most)s numbers of rounds.") % {"most": PAGE_SIZE})
    return sorted(set(numbers))


def _bulk(request: StaffRequest, pk: int) -> Bulk:
    rows = Bulk.objects.visible_to(request.user, clock.now()).select_related(
        "made_by", "job__cancellation", "undoing__cancellation"
    )
    return get_object_or_404(rows, pk=pk)


def _to(found: Bulk) -> HttpResponse:
    return HttpResponseRedirect(reverse("review:bulk", args=[found.pk]))


def _queues(request: StaffRequest) -> Any:
    return Queue.objects.visible_to(request.user, clock.now()).order_by("position", "pk")


def _confirm_page(request: StaffRequest, found: Bulk, form: BulkForm, status: int) -> HttpResponse:
    """Say the query in words, with its count and a sample, both only as far as who looks may know of the items."""
    chosen = listing.read(found.filters, request.user)
    if form.is_bound:  # what is confirmed next is what this page shows
        form.data = form.data.copy()  # type: ignore[attr-defined]
        form.data.update({"count": str(found.count), "digest": found.digest})  # type: ignore[attr-defined]
    is_own = found.made_by_id == request.user.pk
    rows = chosen.qs.order_by("due_at", "pk").select_related("item__generation", "queue", "lease_by") if chosen else []
    sample = list(rows[:SAMPLE])
    context = {
        "found": found,
        "form": form,
        "now": clock.now(),
        "words": chosen.words() if chosen else [],
        "sample": sample,
        "choices": offered_in_bulk(queries.alerts_of(sample), guidelines(), among=form.usual, by=request.user),
        "refusal": None if chosen else rules.unreadable(),
        "refusal_to_start": rules.refusal_to_start(found, request.user) or rules.refusal_of_count(found.count),
        "is_own": is_own,
        "too_many": found.count > rules.MOST,
    }
    return render_page(request, "review/bulk_confirm.html", context, status=status)


def _progress_page(request: StaffRequest, found: Bulk) -> HttpResponse:
    parts = found.parts.filter(outcome__in=BulkPart.LEFT_ALONE)
    known = Round.objects.open_to(request.user, clock.now()).values("pk")
    page = keyset_page(request, parts.filter(round__in=known).select_related("round"), by=["place"])
    chosen = listing.read(found.filters, request.user)
    context = _progress(found) | {
        "page": page,
        "older_url": older_url(request, page.older),
        "words": chosen.words() if chosen else [],
        "counts": _counts(found),
        "refusal_to_undo": rules.refusal_to_undo(found, request.user),
        "action": found.get_action_display(),
        "details": _details(found),
    }
    return render_page(request, "review/bulk.html", context)


def _counts(found: Bulk) -> dict[str, int]:
    """Count what became of the parts, of which there are at most 10,000. 1 query."""
    counts = dict.fromkeys(BulkPart.Outcome.values, 0)
    for outcome in found.parts.order_by().values_list("outcome", flat=True):
        counts[outcome] += 1
    return counts


def _details(found: Bulk) -> str:
    values = found.values
    if "clause" in values:
        return f"{values['clause']}, S{values['severity']}"
    if "queue" in values:
        return str(Queue.objects.filter(pk=values["queue"]).values_list("name", flat=True).first() or "")
    return str(values.get("priority", ""))


def _progress(found: Bulk) -> dict[str, Any]:
    running = next((job for job in (found.undoing, found.job) if job and job.is_open), None)
    return {
        "found": found,
        "running": running,
        "time_left": running.time_left(clock.now()) if running else None,
        "is_ending": running is not None and hasattr(running, "cancellation"),
        "is_undo": running is not None and running == found.undoing,
    }
