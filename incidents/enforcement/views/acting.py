"""The pages of rules that act by themselves: all of them, one with what it did and would have done, a new one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from incidents.actors.models import Actor
from incidents.enforcement import kinds, operations, queries, rules
from incidents.enforcement.forms import DisarmForm, ParametersForm, RuleForm
from incidents.enforcement.models import MILD, ActingRule, EnforcementAction
from incidents.enforcement.rehearsing import DAYS, rehearse
from incidents.enforcement.views.pages import parameters_context
from policies import queries as policies
from policies.vocabulary import EnforcementKind
from trust import clock
from trust.access import needs
from trust.filtering import older_url
from trust.htmx import StaffRequest, render_page
from trust.pagination import keyset_page
from trust.patience import at_most
from trust.permissions import Permission
from trust.refusals import Refused

PATIENCE = 10_000  # milliseconds


@require_GET
@needs(Permission.READ_ACTING_RULES)
def rule_list(request: StaffRequest) -> HttpResponse:
    page = keyset_page(request, ActingRule.objects.with_names(), by=["-written_at", "-pk"])
    found = list(page)
    acted = queries.acted([rule.pk for rule in found], clock.now())
    context = {
        "tab": "rules",
        "may_count": request.user.may(Permission.APPROVE_ENFORCEMENT),
        "page": page,
        "older_url": older_url(request, page.older),
        "rows": [(rule, kinds.in_words(rule.kind, rule.parameters), acted[rule.pk]) for rule in found],
        "may_read": request.user.may(Permission.READ_ENFORCEMENT),
        "may_write": request.user.may(Permission.WRITE_ACTING_RULES),
    }
    return render_page(request, "enforcement/rules.html", context)


@require_GET
@needs(Permission.READ_ACTING_RULES)
def rule(request: StaffRequest, pk: int) -> HttpResponse:
    return _rule_page(request, _found(pk))


@require_GET
@needs(Permission.READ_ACTING_RULES)
def dry_run(request: StaffRequest, pk: int) -> HttpResponse:
    """What the rule would have done, for its page to fetch: it may take longer than the page. It is armed from here."""
    found = _found(pk)
    context: dict[str, Any] = {
        "rule": found,
        "days": DAYS,
        "refusal_to_arm": rules.refusal_to_arm_rule(found, request.user),
    }
    try:
        with at_most(PATIENCE, otherwise=_("Counting takes too long: there is too much in these days.")):
            context["rehearsal"] = rehearse(found, clock.now())
    except Refused as refusal:
        context["refusal"] = refusal
    return render_page(request, "enforcement/_dry_run.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.WRITE_ACTING_RULES)
def new_rule(request: StaffRequest) -> HttpResponse:
    form = RuleForm(request.POST if request.method == "POST" else None, clauses=policies.clauses_in_force())
    if form.is_bound and form.is_valid():
        written = operations.write_rule(form.draft(), by=request.user)
        messages.success(request, _("Written. It does nothing until another lead arms it."))
        return HttpResponseRedirect(written.get_absolute_url())
    context: dict[str, Any] = {"form": form, **parameters_context(form.chosen_kind, form.parameters)}
    return render_page(request, "enforcement/new_rule.html", context, status=422 if form.is_bound else 200)


@require_GET
@needs(Permission.WRITE_ACTING_RULES)
def rule_parameters(request: StaffRequest) -> HttpResponse:
    """The settings of ``?kind=``, for the form of a rule to swap in."""
    kind = request.GET.get("kind", "")
    chosen = EnforcementKind(kind) if kind in MILD else EnforcementKind.WARNING
    context = {**parameters_context(chosen, ParametersForm(chosen)), "of_rule": True}
    return render_page(request, "enforcement/_parameters.html", context)


@require_POST
@needs(Permission.APPROVE_ENFORCEMENT)
def arm(request: StaffRequest, pk: int) -> HttpResponse:
    armed = operations.arm_rule(_found(pk), by=request.user)
    messages.success(request, _("Armed. It acts on what is decided from now on."))
    return HttpResponseRedirect(armed.get_absolute_url())


@require_POST
@needs(Permission.WRITE_ACTING_RULES)
def disarm(request: StaffRequest, pk: int) -> HttpResponse:
    found, form = _found(pk), DisarmForm(request.POST)
    if not form.is_valid():
        return _rule_page(request, found, form=form)
    operations.disarm_rule(found, reason=form.cleaned_data["reason"], by=request.user)
    messages.success(request, _("Off for good. What it did stays."))
    return HttpResponseRedirect(found.get_absolute_url())


def _found(pk: int) -> ActingRule:
    return get_object_or_404(ActingRule.objects.with_names(), pk=pk)


def _rule_page(request: StaffRequest, found: ActingRule, *, form: DisarmForm | None = None) -> HttpResponse:
    now, person = clock.now(), request.user
    visible = EnforcementAction.objects.visible_to(person).filter(by_rule=found).with_names()
    page = keyset_page(request, visible.select_related("check_drawn"), by=["-created_at", "-pk"])
    context = {
        "rule": found,
        "words": kinds.in_words(found.kind, found.parameters),
        "actor_kinds": [Actor.Kind(kind).label for kind in found.actor_kinds],
        "acted": queries.acted([found.pk], now)[found.pk],
        "days": DAYS,
        "page": page,
        "older_url": older_url(request, page.older),
        "rows": [(action, kinds.in_words(action.kind, action.parameters)) for action in page],
        "may_read": person.may(Permission.READ_ENFORCEMENT),
        "refusal_to_disarm": rules.refusal_to_disarm_rule(found, person),
        "form": form or DisarmForm(),
    }
    return render_page(request, "enforcement/rule.html", context, status=422 if form is not None else 200)
