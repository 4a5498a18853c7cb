"""The board of gaps, a gap's own page, and what an editor does with one."""

from __future__ import annotations

from datetime import UTC

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from policies import gap_board, operations
from policies.filters import GapFilter
from policies.forms import OwnerForm, ReasonForm
from policies.models import PolicyGap, PolicyGapQuerySet
from trust import clock
from trust.access import needs
from trust.filtering import older_url
from trust.htmx import StaffRequest, render_page
from trust.pagination import keyset_page
from trust.permissions import Permission

EVENTS_SHOWN = 50


@require_GET
@needs(Permission.READ_POLICIES)
def gaps(request: StaffRequest) -> HttpResponse:
    chosen = GapFilter.of(request, _gaps(request))
    page = keyset_page(request, chosen.qs, by=["-last_seen_at", "-pk"])
    growth = gap_board.growth_of(page.rows, clock.now().astimezone(UTC).date())
    context = {
        "page": page,
        "rows": [(gap, growth.get(gap.pk, gap_board.Growth())) for gap in page],
        "filter": chosen,
        "older_url": older_url(request, page.older),
        "may_keep": request.user.may(Permission.DRAFT_POLICY),
        "reads_categories": request.user.may(Permission.READ_STATISTICS),
        "reads_suggestions": request.user.may(Permission.SUGGEST_GAPS),
    }
    return render_page(request, "policies/gaps.html", context)


@require_GET
@needs(Permission.READ_POLICIES)
def gap(request: StaffRequest, pk: int) -> HttpResponse:
    return _gap_page(request, get_object_or_404(_gaps(request), pk=pk))


@require_POST
@needs(Permission.DRAFT_POLICY)
def own_gap(request: StaffRequest, pk: int) -> HttpResponse:
    """Give a gap the owner that was chosen: oneself, another editor, or nobody."""
    found = get_object_or_404(_gaps(request), pk=pk)
    form = OwnerForm(request.POST)
    if not form.is_valid():
        return _gap_page(request, found, owner_form=form)
    found = operations.own_gap(found, owner=form.cleaned_data["owner"], by=request.user)
    if found.owner is None:
        messages.success(request, _("Nobody answers the gap now."))
    else:
        messages.success(request, _("%(owner)s answers the gap.") % {"owner": found.owner})
    return HttpResponseRedirect(reverse("policies:gap", args=[pk]))


@require_POST
@needs(Permission.DRAFT_POLICY)
def close_gap(request: StaffRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(_gaps(request), pk=pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _gap_page(request, found, form=form)
    operations.close_gap(found, reason=form.cleaned_data["reason"], by=request.user)
    messages.success(request, _("The gap is closed."))
    return HttpResponseRedirect(reverse("policies:gap", args=[pk]))


@require_POST
@needs(Permission.DRAFT_POLICY)
def reopen_gap(request: StaffRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(_gaps(request), pk=pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _gap_page(request, found, form=form)
    operations.reopen_gap(found, reason=form.cleaned_data["reason"], by=request.user)
    messages.success(request, _("The gap is open again, with a new clock."))
    return HttpResponseRedirect(reverse("policies:gap", args=[pk]))


def _gaps(request: StaffRequest) -> PolicyGapQuerySet:
    return PolicyGap.objects.visible_to(request.user).select_related("clause", "owner", "covered_by")


def _gap_page(
    request: StaffRequest, found: PolicyGap, *, form: ReasonForm | None = None, owner_form: OwnerForm | None = None
) -> HttpResponse:
    events = list(found.events.select_related("by", "owner").order_by("clock_number", "at", "pk"))
    turns = gap_board.turns_of(events)
    growth = gap_board.growth_of([found], clock.now().astimezone(UTC).date())
    may_keep = request.user.may(Permission.DRAFT_POLICY)
    context = {
        "gap": found,
        "growth": growth.get(found.pk, gap_board.Growth()),
        "turn": turns[-1] if turns else gap_board.Turn(found.clock_number, found.clock_began_at),
        "turns_before": turns[-2::-1],
        "events": events[: -EVENTS_SHOWN - 1 : -1],
        "draft": gap_board.draft_of(found),
        "sees_draft": may_keep or request.user.may(Permission.APPROVE_POLICY),
        "may_keep": may_keep,
        "form": form or ReasonForm(),
        "owner_form": (owner_form or OwnerForm(initial={"owner": found.owner_id})) if may_keep else None,
    }
    is_wrong = bool((form and form.errors) or (owner_form and owner_form.errors))
    return render_page(request, "policies/gap.html", context, status=422 if is_wrong else 200)
