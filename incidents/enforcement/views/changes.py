from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from incidents.actors.models import Actor
from incidents.enforcement import kinds, operations, queries, rules
from incidents.enforcement.forms import OptionalReasonForm, ProposalForm, ReasonForm
from incidents.enforcement.models import Delivery, EnforcementAction
from incidents.enforcement.views.pages import action_page, parameters_context, visible
from trust import clock, once
from trust.access import needs
from trust.htmx import StaffRequest, render_page
from trust.integers import read_id
from trust.numbers import Amount
from trust.permissions import Permission


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.PROPOSE_ENFORCEMENT)
def propose(request: StaffRequest) -> HttpResponse:
    """Propose an action on ``?actor=``; ``?item=`` chooses the decisions about that item, where it has some."""
    if request.method == "POST" and (address := once.made_before(request)):
        messages.info(request, _("You proposed this already: here it is."))
        return HttpResponseRedirect(address)
    number = _number(request, "actor")
    if number is None:
        return render_page(request, "enforcement/choose_actor.html", {})
    actor = get_object_or_404(Actor.objects.visible_to(request.user), pk=number)
    offered = queries.upheld_decisions(actor)
    item = _number(request, "item")
    chosen = [one.pk for one in offered if one.item_id == item] or [one.pk for one in offered]
    form = ProposalForm(_data(request), offered=offered, chosen=chosen, basis=None)
    if request.method == "POST" and form.is_valid():
        enforcement = operations.propose(actor, form.proposal(), by=request.user)
        return _proposed(request, enforcement)
    return _proposal_page(request, actor, form)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.PROPOSE_ENFORCEMENT)
def adopt(request: StaffRequest, pk: int) -> HttpResponse:
    """Make a recommendation one's own proposal."""
    enforcement = get_object_or_404(visible(request), pk=pk)
    offered = queries.upheld_decisions(enforcement.actor)
    chosen = [part.decision for part in queries.evidence(enforcement)]
    form = ProposalForm(_data(request), offered=offered, chosen=chosen, basis=enforcement)
    if request.method == "POST" and form.is_valid():
        enforcement = operations.adopt(enforcement, form.proposal(), by=request.user)
        return _proposed(request, enforcement)
    return _proposal_page(request, enforcement.actor, form, basis=enforcement)


@require_POST
@needs(Permission.PROPOSE_ENFORCEMENT)
def approve(request: StaffRequest, pk: int) -> HttpResponse:
    enforcement = get_object_or_404(visible(request), pk=pk)
    is_own = enforcement.proposed_by_id == request.user.pk
    form = OptionalReasonForm(request.POST) if is_own else ReasonForm(request.POST)
    if not form.is_valid():
        return action_page(request, enforcement, form=form)
    enforcement = operations.approve(enforcement, reason=form.cleaned_data["reason"], by=request.user)
    told = _("It is in force: there is no endpoint, so nobody had to be told.")
    if enforcement.status == EnforcementAction.Status.APPROVED:
        told = _("Approved; the endpoints are being told.")
    messages.success(request, told)
    return HttpResponseRedirect(enforcement.get_absolute_url())


@require_POST
@needs(Permission.PROPOSE_ENFORCEMENT)
def decline(request: StaffRequest, pk: int) -> HttpResponse:
    enforcement = get_object_or_404(visible(request), pk=pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return action_page(request, enforcement, form=form)
    operations.decline(enforcement, reason=form.cleaned_data["reason"], by=request.user)
    messages.success(request, _("Declined. Nothing happens to the actor."))
    return HttpResponseRedirect(enforcement.get_absolute_url())


@require_POST
@needs(Permission.PROPOSE_ENFORCEMENT)
def reverse_action(request: StaffRequest, pk: int) -> HttpResponse:
    enforcement = get_object_or_404(visible(request), pk=pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return action_page(request, enforcement, form=form)
    operations.reverse(enforcement, reason=form.cleaned_data["reason"], by=request.user)
    messages.success(request, _("Reversed; whoever was told of it is told to lift it."))
    return HttpResponseRedirect(enforcement.get_absolute_url())


@require_POST
@needs(Permission.PROPOSE_ENFORCEMENT)
def confirm(request: StaffRequest, pk: int) -> HttpResponse:
    enforcement = operations.confirm(get_object_or_404(visible(request), pk=pk), by=request.user)
    messages.success(request, _("The action is in force."))
    return HttpResponseRedirect(enforcement.get_absolute_url())


@require_POST
@needs(Permission.APPROVE_ENFORCEMENT)
def send_again(request: StaffRequest, pk: int, delivery_pk: int) -> HttpResponse:
    enforcement = get_object_or_404(visible(request), pk=pk)
    delivery = get_object_or_404(Delivery.objects.filter(enforcement=enforcement), pk=delivery_pk)
    operations.send_again(delivery, by=request.user)
    messages.success(request, _("It is on its way again, under the same id."))
    return HttpResponseRedirect(enforcement.get_absolute_url())


@require_POST
@needs(Permission.APPROVE_ENFORCEMENT)
def send_all_again(request: StaffRequest) -> HttpResponse:
    many = operations.send_all_again(by=request.user)
    sentence = ngettext("%(n)s delivery is on its way again.", "%(n)s deliveries are on their way again.", many)
    messages.success(request, sentence % {"n": Amount(many)})
    return HttpResponseRedirect(reverse("enforcement:failing"))


def _proposal_page(
    request: StaffRequest, actor: Actor, form: ProposalForm, *, basis: EnforcementAction | None = None
) -> HttpResponse:
    context: dict[str, Any] = {
        "actor": actor,
        "form": form,
        "basis": basis,
        "basis_words": kinds.in_words(basis.kind, basis.parameters) if basis else "",
        "refusal": rules.refusal_to_adopt(basis, request.user) if basis else None,
        "choices": [
            (part, str(part.decision) in form.chosen_decisions) for part in queries.as_evidence(form.offered.values())
        ],
        "strikes": queries.strike_sum(actor, clock.now()),
        "per_rung": rules.STRIKES_PER_RUNG,
        **parameters_context(form.chosen_kind, form.parameters),
    }
    return render_page(request, "enforcement/propose.html", context, status=422 if form.is_bound else 200)


def _proposed(request: StaffRequest, enforcement: EnforcementAction) -> HttpResponse:
    told = _("Proposed. Carry it out when you are sure.")
    if enforcement.is_severe:
        told = _("Proposed. Someone else has to approve it.")
    messages.success(request, told)
    once.remember(request, enforcement.get_absolute_url())
    return HttpResponseRedirect(enforcement.get_absolute_url())


def _data(request: StaffRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _number(request: StaffRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    if not text:
        return None
    number = read_id(text)
    if number is None:
        raise BadRequest(f"{name}: not a number")
    return number
