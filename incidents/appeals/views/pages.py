from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from incidents.appeals import friction, operations, queries, rules
from incidents.appeals.forms import JudgementForm
from incidents.appeals.models import Appeal, AppealQuerySet
from incidents.enforcement import kinds, links
from trust import clock
from trust.access import needs
from trust.audit import queries as audit
from trust.audit.models import AuditEvent
from trust.filtering import older_url
from trust.htmx import StaffRequest, render_page
from trust.pagination import keyset_page
from trust.permissions import Permission

MOST_EVENTS = 50


@require_GET
@needs(Permission.READ_APPEALS)
def appeal_list(request: StaffRequest, tab: str) -> HttpResponse:
    """Those that wait, earliest due first; or those that were judged, newest first."""
    if tab == "open":
        rows, by = _visible(request).open(), ["due_at", "pk"]
    else:
        rows, by = _visible(request).filter(status=Appeal.Status.JUDGED), ["-received_at", "-pk"]
    page = keyset_page(request, rows.with_names(), by=by)
    context = {
        "page": page,
        "tab": tab,
        "older_url": older_url(request, page.older),
        "rows": [(appeal, _words(appeal)) for appeal in page],
    }
    return render_page(request, "appeals/list.html", context)


@require_GET
@needs(Permission.READ_APPEALS)
def appeal(request: StaffRequest, pk: int) -> HttpResponse:
    return _appeal_page(request, _found(request, pk))


@require_POST
@needs(Permission.JUDGE_APPEALS)
def judge(request: StaffRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    decisions = queries.decisions_under(found.enforcement_id)
    scope = queries.scope_of(found.enforcement, decisions)
    form = JudgementForm(request.POST, findings=queries.findings_under(decisions), scope=scope)
    if not form.is_valid():
        return _appeal_page(request, found, form=form)
    operations.judge(found, form.ruling(), by=request.user)
    messages.success(request, _("Judged. The actor reads your statement under their link."))
    return HttpResponseRedirect(found.get_absolute_url())


@require_GET
@needs(Permission.READ_EXACT_STATISTICS)
def account(request: StaffRequest) -> HttpResponse:
    """What enforcement cost those whom it hit by mistake, as far as they appealed."""
    told = friction.account_of(request.user, clock.now())
    may_list = request.user.may(Permission.READ_APPEALS)
    return render_page(request, "appeals/account.html", {"account": told, "tab": "account", "may_list": may_list})


def _visible(request: StaffRequest) -> AppealQuerySet:
    return Appeal.objects.visible_to(request.user, clock.now())


def _found(request: StaffRequest, pk: int) -> Appeal:
    people = ("enforcement__actor", "enforcement__proposed_by", "enforcement__approved_by", "judgement__by")
    return get_object_or_404(_visible(request).select_related(*people), pk=pk)


def _words(appeal: Appeal) -> str:
    return kinds.in_words(appeal.enforcement.kind, appeal.enforcement.parameters)


def _appeal_page(request: StaffRequest, found: Appeal, *, form: JudgementForm | None = None) -> HttpResponse:
    """Answer with the page of one appeal; with ``form`` when what was sent has to be corrected."""
    person, action = request.user, found.enforcement
    decisions = queries.decisions_under(action.pk)
    findings, scope = queries.findings_under(decisions), queries.scope_of(action, decisions)
    took_part = person.may(Permission.JUDGE_APPEALS) and queries.took_part(action.pk, person)
    events = AuditEvent.objects.about(found).for_page().order_by("-at", "-pk")[:MOST_EVENTS]
    form_shown = form or JudgementForm(findings=findings, scope=scope)
    context: dict[str, Any] = {
        "appeal": found,
        "action": action,
        "words": _words(found),
        "may_read_text": person.may(Permission.JUDGE_APPEALS),
        "judgement": getattr(found, "judgement", None),
        "refusal": rules.refusal_to_judge(found, person, took_part=took_part),
        "form": form_shown,
        "findings": [(one, str(one.item) in form_shown.chosen_items) for one in findings],
        "earlier": queries.earlier_of(found),
        "scope": scope,
        "entries": audit.entries(events, reader=person, open_kinds=("appeal.",)),
        "link": links.address_of(action) if person.may(Permission.JUDGE_APPEALS) else "",
    }
    return render_page(request, "appeals/detail.html", context, status=422 if form is not None else 200)
