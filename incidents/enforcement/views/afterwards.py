"""Pages that ask one thing about one action: to break the glass, to review or check what was done, to extend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from incidents.enforcement import kinds, operations, queries, rules
from incidents.enforcement.forms import ExtendForm, ReasonForm, StakeForm
from incidents.enforcement.models import ActingCheck, EnforcementAction, Extension
from incidents.enforcement.views.pages import action_page, visible
from trust.access import needs
from trust.htmx import StaffRequest, render_page
from trust.permissions import Permission

GET_OR_POST = ("GET", "HEAD", "POST")


@dataclass(frozen=True)
class Button:
    """One answer: ``value`` is sent as ``answer``, ``key`` is a name of trust/keymap.py."""

    value: str
    label: str
    key: str
    tone: str = ""


@dataclass(frozen=True)
class Question:
    """What a page asks: ``refusal`` says why this person may not answer; ``lead`` is the sentence above the form."""

    title: str
    lead: str
    buttons: tuple[Button, ...]
    refusal: str | None = None
    extension: Extension | None = None


@require_http_methods(GET_OR_POST)
@needs(Permission.APPROVE_ENFORCEMENT)
def break_glass(request: StaffRequest, pk: int) -> HttpResponse:
    """Carry out alone what this lead proposed."""
    enforcement = get_object_or_404(visible(request), pk=pk)
    form = StakeForm(_data(request))
    if form.is_valid():
        operations.break_glass(enforcement, stake=form.cleaned_data["reason"], by=request.user)
        messages.success(request, _("Carried out. All leads are asked to look at it; another lead reviews it."))
        return HttpResponseRedirect(enforcement.get_absolute_url())
    lead = _(
        "It is carried out at once, without a second person. It is marked so for good, all leads are told, and another "
        "lead confirms or reverses it."
    )
    button = Button("carry_out", _("Break the glass: carry it out now"), "approve", "danger")
    refusal = rules.refusal_to_break_glass(enforcement, request.user)
    return _page(request, enforcement, form, Question(_("Carry it out alone"), lead, (button,), refusal))


@require_http_methods(GET_OR_POST)
@needs(Permission.APPROVE_ENFORCEMENT)
def review(request: StaffRequest, pk: int) -> HttpResponse:
    """Look at what one lead carried out alone."""
    enforcement = get_object_or_404(visible(request), pk=pk)
    form = ReasonForm(_data(request))
    if form.is_valid():
        outcome = _answer(request, EnforcementAction.ReviewOutcome.values)
        operations.review_glass(enforcement, outcome, reason=form.cleaned_data["reason"], by=request.user)
        messages.success(request, _("Reviewed."))
        return HttpResponseRedirect(enforcement.get_absolute_url())
    buttons = (
        Button("confirmed", _("Confirm: it was right"), "approve", "primary"),
        Button("reversed", _("It was wrong: reverse it"), "decline"),
    )
    lead = _("One lead carried this out alone. Say whether it was right; what was wrong is reversed at once.")
    refusal = rules.refusal_to_review_glass(enforcement, request.user)
    question = Question(_("Review what was carried out alone"), lead, buttons, refusal)
    return _page(request, enforcement, form, question)


@require_http_methods(GET_OR_POST)
@needs(Permission.PROPOSE_ENFORCEMENT)
def check(request: StaffRequest, pk: int) -> HttpResponse:
    """Look at what a rule carried out, where it was drawn."""
    enforcement = get_object_or_404(visible(request).filter(check_drawn__isnull=False), pk=pk)
    drawn = ActingCheck.objects.select_related("enforcement", "rule").get(enforcement=enforcement)
    form = ReasonForm(_data(request))
    if form.is_valid():
        outcome = _answer(request, ActingCheck.Outcome.values)
        operations.check(drawn, outcome, reason=form.cleaned_data["reason"], by=request.user)
        messages.success(request, _("Checked."))
        return HttpResponseRedirect(enforcement.get_absolute_url())
    buttons = (
        Button("right", _("It was right"), "approve", "primary"),
        Button("wrong", _("It was wrong: reverse it"), "decline"),
    )
    lead = _("A rule carried this out, and it was drawn for a person to look at. Would you have done the same?")
    has_judged = queries.has_judged(enforcement, request.user)
    refusal = rules.refusal_to_check(drawn, request.user, has_judged=has_judged)
    return _page(request, enforcement, form, Question(_("Check what a rule did"), lead, buttons, refusal))


@require_http_methods(GET_OR_POST)
@needs(Permission.PROPOSE_ENFORCEMENT)
def extend(request: StaffRequest, pk: int) -> HttpResponse:
    """Propose a later end, or decide on the one that is proposed."""
    enforcement = get_object_or_404(visible(request), pk=pk)
    waiting = enforcement.extensions.waiting().select_related("proposed_by").first()
    if waiting:
        waiting.enforcement = enforcement
        return _decide_extension(request, waiting)
    form = ExtendForm(_data(request), enforcement=enforcement)
    if form.is_valid():
        extension = operations.extend(enforcement, **form.cleaned_data, by=request.user)
        told = _("Extended; whoever was told of it is told the new end.")
        if extension.status == Extension.Status.PROPOSED:
            told = _("Proposed. Someone else has to approve it.")
        messages.success(request, told)
        return HttpResponseRedirect(enforcement.get_absolute_url())
    lead = _("Takes one person: it is extended at once.")
    label = _("Extend it")
    if enforcement.is_severe:
        lead, label = _("Takes two people: someone else has to approve it."), _("Propose a later end")
    refusal = rules.refusal_to_extend(enforcement, None, request.user)
    question = Question(_("Let it end later"), lead, (Button("propose", label, "submit", "primary"),), refusal)
    return _page(request, enforcement, form, question)


def _decide_extension(request: StaffRequest, extension: Extension) -> HttpResponse:
    form = ReasonForm(_data(request))
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        if _answer(request, ["approve", "decline"]) == "approve":
            operations.approve_extension(extension, reason=reason, by=request.user)
            messages.success(request, _("Extended; whoever was told of it is told the new end."))
        else:
            operations.decline_extension(extension, reason=reason, by=request.user)
            messages.success(request, _("Declined. The end stays where it is."))
        return HttpResponseRedirect(extension.get_absolute_url())
    decline = Button("decline", _("Decline"), "decline")
    approve = Button("approve", _("Approve the later end"), "approve", "danger")
    refusal = rules.refusal_to_approve_extension(extension, request.user)
    buttons = (decline,) if refusal else (approve, decline)
    lead = refusal or _("Whoever was told to carry it out is told the new end.")
    question = Question(
        _("Let it end later"),
        lead,
        buttons,
        rules.refusal_to_decline_extension(extension, request.user),
        extension=extension,
    )
    return _page(request, extension.enforcement, form, question)


@require_POST
@needs(Permission.PROPOSE_ENFORCEMENT)
def withdraw(request: StaffRequest, pk: int) -> HttpResponse:
    enforcement = get_object_or_404(visible(request), pk=pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return action_page(request, enforcement, form=form)
    operations.withdraw(enforcement, reason=form.cleaned_data["reason"], by=request.user)
    messages.success(request, _("Withdrawn before it began. Nobody was told of it."))
    return HttpResponseRedirect(enforcement.get_absolute_url())


def _page(request: StaffRequest, enforcement: EnforcementAction, form: Any, question: Question) -> HttpResponse:
    context = {
        "enforcement": enforcement,
        "words": kinds.in_words(enforcement.kind, enforcement.parameters),
        "effect": kinds.effect_at_once(enforcement.kind, enforcement.parameters),
        "evidence": queries.evidence(enforcement),
        "question": question,
        "form": form,
    }
    return render_page(request, "enforcement/ask.html", context, status=422 if form.is_bound else 200)


def _data(request: StaffRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _answer(request: StaffRequest, known: list[str]) -> str:
    """Return which button was pressed."""
    answer = request.POST.get("answer", "")
    if answer not in known:
        raise BadRequest("answer: none of those offered")
    return answer
