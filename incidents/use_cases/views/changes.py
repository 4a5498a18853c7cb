from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from incidents.actors.models import Actor
from incidents.use_cases import operations, rules
from incidents.use_cases.forms import ApplicationForm, ApprovalForm, FitForm, ReasonForm
from incidents.use_cases.models import Application, Fit
from incidents.use_cases.views.pages import application_page, found, panel_of, visible_item
from trust import clock
from trust.access import needs
from trust.htmx import StaffRequest, is_fragment_request, render_page
from trust.integers import read_id
from trust.permissions import Permission
from trust.refusals import Refused


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.ENTER_USE_CASES)
def apply(request: StaffRequest) -> HttpResponse:
    """Enter what ``?actor=`` asks for; ``?name=`` is what it declares already."""
    number = _number(request.GET.get("actor", ""))
    if number is None:
        return render_page(request, "use_cases/choose_actor.html", {})
    actor = get_object_or_404(Actor.objects.visible_to(request.user), pk=number)
    form = ApplicationForm(initial={"name": request.GET.get("name", "")[: rules.LONGEST_NAME]})
    if request.method == "POST":
        form = ApplicationForm(request.POST)
        if (application := _applied(request, actor, form)) is not None:
            messages.success(request, _("Entered. A lead who did not enter it decides."))
            return HttpResponseRedirect(application.get_absolute_url())
    context = {"actor": actor, "form": form}
    return render_page(request, "use_cases/apply.html", context, status=422 if form.is_bound else 200)


@require_POST
@needs(Permission.APPROVE_USE_CASES)
def approve(request: StaffRequest, pk: int) -> HttpResponse:
    application = found(request, pk)
    form = ApprovalForm(request.POST)
    if form.is_valid():
        errors = rules.errors_in_approval(**form.cleaned_data, now=clock.now())
        for name, sentences in errors.items():
            form.add_error(name, sentences[0])
    if form.errors:
        return application_page(request, application, approval=form)
    application = operations.approve(application, **form.cleaned_data, by=request.user)
    messages.success(request, _("Approved; it is in force."))
    return HttpResponseRedirect(application.get_absolute_url())


@require_POST
@needs(Permission.APPROVE_USE_CASES)
def decline(request: StaffRequest, pk: int) -> HttpResponse:
    application = found(request, pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return application_page(request, application, reason=form)
    operations.decline(application, reason=form.cleaned_data["reason"], by=request.user)
    messages.success(request, _("Declined."))
    return HttpResponseRedirect(application.get_absolute_url())


@require_POST
@needs(Permission.APPROVE_USE_CASES)
def withdraw(request: StaffRequest, pk: int) -> HttpResponse:
    application = found(request, pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return application_page(request, application, reason=form)
    operations.withdraw(application, reason=form.cleaned_data["reason"], by=request.user)
    messages.success(request, _("Withdrawn: it is in force no more."))
    return HttpResponseRedirect(application.get_absolute_url())


@require_POST
@needs(Permission.REVIEW)
def say(request: StaffRequest, pk: int) -> HttpResponse:
    """Keep a person's word on whether an item fits, and show the panel anew."""
    item = visible_item(request, pk)
    form = FitForm(request.POST)
    if not form.is_valid():
        raise BadRequest(_("answer: yes, no or cannot_tell"))
    operations.say(item, Fit.Answer(form.cleaned_data["answer"]), by=request.user)
    if is_fragment_request(request):
        return panel_of(request, item)
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(reverse("review:item", args=[item.pk]))


def _applied(request: StaffRequest, actor: Actor, form: ApplicationForm) -> Application | None:
    """Enter what the form says, or None with what is wrong on the form."""
    if not form.is_valid():
        return None
    try:
        return operations.apply(actor, form.wish(), by=request.user)
    except Refused as refusal:
        form.add_error("name", refusal.sentence)
        return None


def _number(text: str) -> int | None:
    if not text:
        return None
    number = read_id(text)
    if number is None:
        raise BadRequest("actor: not a number")
    return number
