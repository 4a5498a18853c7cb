from __future__ import annotations

from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from incidents.actors.models import Actor
from incidents.enforcement import kinds, links, operations, queries, rules, telling
from incidents.enforcement.filters import EnforcementFilter
from incidents.enforcement.forms import OptionalReasonForm, ParametersForm, ReasonForm
from incidents.enforcement.models import ActingCheck, EnforcementAction, EnforcementActionQuerySet, Extension
from incidents.enforcement.statements import with_link
from incidents.queues.models import Item
from policies.vocabulary import EnforcementKind
from trust import clock
from trust.access import needs
from trust.audit import queries as audit
from trust.audit.models import AuditEvent
from trust.filtering import older_url
from trust.htmx import StaffRequest, render_page
from trust.pagination import keyset_page
from trust.permissions import Permission

MOST_EVENTS: Final = 50
MOST_WAITING: Final = 20

Status = EnforcementAction.Status


@require_GET
@needs(Permission.READ_ENFORCEMENT)
def action_list(request: StaffRequest, tab: str) -> HttpResponse:
    now = clock.now()
    chosen = EnforcementFilter.of(request, _of_tab(visible(request), tab))
    page = keyset_page(request, chosen.qs.with_names(), by=["-created_at", "-pk"])
    context = {
        "page": page,
        "filter": chosen,
        "tab": tab,
        "now": now,
        "tasks": queries.tasks(now),
        "is_ticked": tab == "open" and bool(page.rows) and request.user.may(Permission.PROPOSE_ENFORCEMENT),
        "may_count": request.user.may(Permission.APPROVE_ENFORCEMENT),
        "may_send_again": tab == "failing" and request.user.may(Permission.APPROVE_ENFORCEMENT),
        "older_url": older_url(request, page.older),
        "rows": [(action, kinds.in_words(action.kind, action.parameters)) for action in page],
    }
    return render_page(request, "enforcement/list.html", context)


@require_GET
@needs(Permission.READ_ENFORCEMENT)
def action(request: StaffRequest, pk: int) -> HttpResponse:
    return action_page(request, get_object_or_404(visible(request), pk=pk))


@require_GET
@needs(Permission.PROPOSE_ENFORCEMENT)
def parameters(request: StaffRequest) -> HttpResponse:
    """The settings of ``?kind=``, for the proposal's form to swap in."""
    kind = request.GET.get("kind", "")
    chosen = EnforcementKind(kind) if kind in EnforcementKind.values else EnforcementKind.WARNING
    return render_page(request, "enforcement/_parameters.html", parameters_context(chosen, ParametersForm(chosen)))


@require_GET
@needs(Permission.READ_ENFORCEMENT)
def of_actor(request: StaffRequest, pk: int) -> HttpResponse:
    """A fragment for the actor's page: strikes, and what was done."""
    actor = get_object_or_404(Actor.objects.visible_to(request.user), pk=pk)
    return render_page(request, "enforcement/_of_actor.html", _about(request, actor))


@require_GET
@needs(Permission.READ_ENFORCEMENT)
def panel(request: StaffRequest, pk: int) -> HttpResponse:
    """A fragment for the item's page: what is known and can be done about its actor."""
    item = get_object_or_404(Item.objects.visible_to(request.user, clock.now()).select_related("actor"), pk=pk)
    context = _about(request, item.actor) if item.actor else {"actor": None}
    return render_page(request, "enforcement/_panel.html", {**context, "item": item})


def visible(request: StaffRequest) -> EnforcementActionQuerySet:
    people = ("statement", "actor", "proposed_by", "approved_by", "declined_by", "reversed_by", "reviewed_by")
    return EnforcementAction.objects.visible_to(request.user).select_related(*people)


def action_page(
    request: StaffRequest, enforcement: EnforcementAction, *, form: ReasonForm | None = None
) -> HttpResponse:
    """Answer with the page of one action; with ``form`` when what was sent has to be corrected."""
    person = request.user
    is_open = enforcement.status in EnforcementAction.OPEN
    now = clock.now()
    extensions = _extensions(enforcement)
    waiting_extension = next((one for one in extensions if one.status == Extension.Status.PROPOSED), None)
    events = AuditEvent.objects.about(enforcement).for_page().order_by("-at", "-pk")[:MOST_EVENTS]
    context = {
        "enforcement": enforcement,
        "words": kinds.in_words(enforcement.kind, enforcement.parameters),
        "effect": kinds.effect_at_once(enforcement.kind, enforcement.parameters),
        "preview": queries.preview(enforcement, now) if is_open else None,
        "now": now,
        "until": operations.end_of(enforcement, max(enforcement.starts_at or now, now)),
        "extensions": extensions,
        "waiting_extension": waiting_extension,
        "check": _check(enforcement),
        "evidence": queries.evidence(enforcement),
        "deliveries": _deliveries(enforcement, person),
        "entries": audit.entries(events, reader=person, open_kinds=("enforcement.",)),
        "waiting": _waiting(request) if is_open else [],
        "form": form or _reason_form(enforcement, person),
        "days_of_traffic": queries.TRAFFIC_DAYS,
        **_told(enforcement),
        "appeal_link": links.address_of(enforcement) if _is_known(enforcement, person) else "",
        "is_alone": _may_alone(enforcement, person),
        "refusal_to_adopt": rules.refusal_to_adopt(enforcement, person),
        "refusal_to_approve": rules.refusal_to_approve(enforcement, person),
        "refusal_to_decline": rules.refusal_to_decline(enforcement, person),
        "refusal_to_break_glass": rules.refusal_to_break_glass(enforcement, person),
        "refusal_to_review": rules.refusal_to_review_glass(enforcement, person),
        "refusal_to_extend": rules.refusal_to_extend(enforcement, waiting_extension, person),
        "refusal_to_withdraw": rules.refusal_to_withdraw(enforcement, person),
        "refusal_to_reverse": rules.refusal_to_reverse(enforcement, person),
        "may_propose": person.may(Permission.PROPOSE_ENFORCEMENT),
    }
    return render_page(request, "enforcement/detail.html", context, status=422 if form is not None else 200)


def parameters_context(kind: EnforcementKind, form: ParametersForm) -> dict[str, Any]:
    return {"kind": kind, "parameters": form, "needs_two": kind.is_severe}


def _of_tab(rows: EnforcementActionQuerySet, tab: str) -> EnforcementActionQuerySet:
    if tab == "open":
        return rows.open()
    if tab == "running":
        return rows.running()
    if tab == "scheduled":
        return rows.filter(status=Status.SCHEDULED)
    if tab == "reviews":
        return rows.to_review()
    if tab == "checks":
        return rows.to_check()
    if tab == "failing":
        return rows.failing()
    return rows.filter(status__in=EnforcementAction.ENDED) if tab == "ended" else rows


def _about(request: StaffRequest, actor: Actor) -> dict[str, Any]:
    found = queries.newest_of([actor.pk], visible=EnforcementAction.objects.visible_to(request.user))
    return {
        "actor": actor,
        "strikes": queries.strike_sum(actor, clock.now()),
        "actions": [(one, kinds.in_words(one.kind, one.parameters)) for one in found],
        "may_propose": request.user.may(Permission.PROPOSE_ENFORCEMENT),
    }


def _waiting(request: StaffRequest) -> list[tuple[EnforcementAction, str, str | None]]:
    """What else waits for a person, oldest first, and why it does not wait for this one."""
    rows = visible(request).open().order_by("created_at", "pk")[:MOST_WAITING]
    return [(row, kinds.in_words(row.kind, row.parameters), _why_not(row, request)) for row in rows]


def _why_not(enforcement: EnforcementAction, request: StaffRequest) -> str | None:
    if enforcement.status == Status.RECOMMENDED:
        return rules.refusal_to_adopt(enforcement, request.user)
    return rules.refusal_to_approve(enforcement, request.user)


def _extensions(enforcement: EnforcementAction) -> list[Extension]:
    """What was proposed to move the end; no query before anything can have been."""
    if not enforcement.approved_at:
        return []
    return list(enforcement.extensions.select_related("proposed_by", "decided_by").order_by("pk"))


def _check(enforcement: EnforcementAction) -> ActingCheck | None:
    if not enforcement.by_rule_id:
        return None
    return ActingCheck.objects.filter(enforcement=enforcement).select_related("checked_by").first()


def _deliveries(enforcement: EnforcementAction, person: Any) -> list[dict[str, Any]]:
    rows = queries.deliveries(enforcement)
    for delivery in rows:
        delivery.enforcement = enforcement
    return [
        {"delivery": row, "message": row.message, "refusal": rules.refusal_to_send_again(row, person)} for row in rows
    ]


def _told(enforcement: EnforcementAction) -> dict[str, Any]:
    """What the actor was told, or would be if it were approved now. The link is for the actor alone."""
    told: Any = getattr(enforcement, "statement", None)
    if told is None and enforcement.status in EnforcementAction.OPEN:
        since = max(enforcement.starts_at or clock.now(), clock.now())
        told = telling.told_of(enforcement, since=since, until=operations.end_of(enforcement, since))
    if told is None:
        return {"told": None}
    with translation.override(told.language):
        text = with_link(told.text, _("[the link by which they appeal]"))
    return {"told": told, "told_text": text, "is_frozen": hasattr(told, "at")}


def _is_known(enforcement: EnforcementAction, person: Any) -> bool:
    """Say whether the actor can know of it, so that whoever judges appeals may pass the link on."""
    return hasattr(enforcement, "statement") and person.may(Permission.JUDGE_APPEALS)


def _may_alone(enforcement: EnforcementAction, person: Any) -> bool:
    return not enforcement.is_severe and enforcement.proposed_by_id == person.pk


def _reason_form(enforcement: EnforcementAction, person: Any) -> ReasonForm:
    if enforcement.status == Status.PROPOSED and _may_alone(enforcement, person):
        return OptionalReasonForm()
    return ReasonForm()
