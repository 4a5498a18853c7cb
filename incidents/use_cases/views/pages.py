from __future__ import annotations

from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from incidents.actors.models import Actor
from incidents.queues.models import Item
from incidents.use_cases import queries, rules
from incidents.use_cases.filters import ApplicationFilter
from incidents.use_cases.forms import ApprovalForm, ReasonForm
from incidents.use_cases.models import Application, ApplicationQuerySet
from trust import clock
from trust.access import needs
from trust.audit import queries as audit
from trust.audit.models import AuditEvent
from trust.filtering import older_url
from trust.htmx import StaffRequest, render_page
from trust.pagination import keyset_page
from trust.permissions import Permission

MOST_EVENTS: Final = 50


@require_safe
@needs(Permission.READ_USE_CASES)
def application_list(request: StaffRequest, tab: str) -> HttpResponse:
    """What waits, oldest first; else newest first."""
    now = clock.now()
    rows, by = _of_tab(visible(request), tab)
    chosen = ApplicationFilter.of(request, rows)
    page = keyset_page(request, chosen.qs.with_names(), by=by)
    context = {
        "page": page,
        "filter": chosen,
        "tab": tab,
        "older_url": older_url(request, page.older),
        "rows": [(application, application.state_at(now)) for application in page],
    }
    return render_page(request, "use_cases/list.html", context)


@require_safe
@needs(Permission.READ_USE_CASES)
def application(request: StaffRequest, pk: int) -> HttpResponse:
    return application_page(request, found(request, pk))


@require_safe
@needs(Permission.READ_USE_CASES)
def of_actor(request: StaffRequest, pk: int) -> HttpResponse:
    """A fragment for the actor's page: what is approved and until when, what is declared, and drift. No content."""
    actor = get_object_or_404(Actor.objects.visible_to(request.user), pk=pk)
    now = clock.now()
    context = {
        "actor": actor,
        "applications": [(one, one.state_at(now)) for one in queries.applications_of(actor, request.user)],
        "of_parent": queries.of_parent(actor, now),
        "account": queries.account_of(actor, request.user, now),
        "days": queries.DAYS,
        "most": queries.MOST_LOOKED_AT,
        "may_enter": request.user.may(Permission.ENTER_USE_CASES),
    }
    return render_page(request, "use_cases/of_actor.html", context, fragment="use_cases/_of_actor.html")


@require_safe
@needs(Permission.REVIEW)
def panel(request: StaffRequest, pk: int) -> HttpResponse:
    """A fragment for the item's page: what is declared, under which conditions, and the word on whether it fits."""
    return panel_of(request, visible_item(request, pk))


# ── Parts ────────────────────────────────────────────────


def visible(request: StaffRequest) -> ApplicationQuerySet:
    return Application.objects.visible_to(request.user)


def found(request: StaffRequest, pk: int) -> Application:
    return get_object_or_404(visible(request).with_names(), pk=pk)


def visible_item(request: StaffRequest, pk: int) -> Item:
    items = Item.objects.visible_to(request.user, clock.now()).select_related("generation__actor")
    return get_object_or_404(items, pk=pk)


def panel_of(request: StaffRequest, item: Item, *, refusal: str = "") -> HttpResponse:
    """Show what this person said, and nobody else: who judges alone is not told what others think."""
    declared = queries.declared_by(item)
    word = queries.own_word(item, request.user)
    context = {
        "item": item,
        "declared": declared,
        "word": word,
        "may_open": declared is not None and visible(request).filter(pk=declared.pk).exists(),
        "refusal": refusal or rules.refusal_to_say(declared, request.user, may_see=True),
    }
    return render_page(request, "use_cases/panel.html", context, fragment="use_cases/_panel.html")


def application_page(
    request: StaffRequest,
    application: Application,
    *,
    approval: ApprovalForm | None = None,
    reason: ReasonForm | None = None,
) -> HttpResponse:
    """Answer with the page of one application; with a form when what was sent has to be corrected."""
    person, now = request.user, clock.now()
    events = AuditEvent.objects.about(application).for_page().order_by("-at", "-pk")[:MOST_EVENTS]
    context: dict[str, Any] = {
        "application": application,
        "state": application.state_at(now),
        "approval": approval or ApprovalForm(),
        "form": reason or ReasonForm(),
        "refusal_to_approve": rules.refusal_to_approve(application, person),
        "refusal_to_decline": rules.refusal_to_decline(application, person),
        "refusal_to_withdraw": rules.refusal_to_withdraw(application, person, now),
        "may_enter": person.may(Permission.ENTER_USE_CASES),
        "entries": audit.entries(events, reader=person, open_kinds=("use_case.",)),
    }
    status = 422 if approval is not None or reason is not None else 200
    return render_page(request, "use_cases/detail.html", context, status=status)


def _of_tab(rows: ApplicationQuerySet, tab: str) -> tuple[ApplicationQuerySet, list[str]]:
    now, newest = clock.now(), ["-entered_at", "-pk"]
    if tab == "waiting":
        return rows.waiting(), ["entered_at", "pk"]
    if tab == "in_force":
        return rows.in_force(now), newest
    return (rows.ended(now) if tab == "ended" else rows), newest
