"""The routing rules: the set in force, a person's draft of the next, a trial of it, and every version."""

import secrets
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.queues import checking, operations, queries, trials, wording
from incidents.queues.forms import SPARE_ROWS, PublishForm, RuleForm, TrialForm
from incidents.queues.matching import Rule, read_rules
from incidents.queues.models import RuleDraft, RuleSet
from policies import queries as policies
from trust.access import needs
from trust.filtering import older_url
from trust.htmx import StaffRequest, render_page
from trust.pagination import keyset_page
from trust.permissions import Permission
from trust.refusals import Refused

# ── Reading ──────────────────────────────────────────────


@require_safe
@needs(Permission.MANAGE_ROUTING)
def rules_in_force(request: StaffRequest) -> HttpResponse:
    rule_set = queries.rules_in_force()
    context = {
        "rule_set": rule_set,
        "rules": wording.views_of(read_rules(rule_set.rules), queries.queues_for_rules()),
        "draft": RuleDraft.objects.filter(person=request.user).first(),
    }
    return render_page(request, "queues/rules.html", context)


@require_safe
@needs(Permission.MANAGE_ROUTING)
def version_list(request: StaffRequest) -> HttpResponse:
    page = keyset_page(request, RuleSet.objects.select_related("made_by").defer("rules"), by=["-number"])
    context = {"page": page, "older_url": older_url(request, page.older)}
    return render_page(request, "queues/rule_versions.html", context)


@require_safe
@needs(Permission.MANAGE_ROUTING)
def version(request: StaffRequest, number: int) -> HttpResponse:
    return _version_page(request, number, None)


@require_safe
@needs(Permission.MANAGE_ROUTING)
def draft(request: StaffRequest) -> HttpResponse:
    return _draft_page(request, None)


@require_safe
@needs(Permission.MANAGE_ROUTING)
def trial(request: StaffRequest) -> HttpResponse:
    """Say what the draft would have done; nothing is written, and routing goes on."""
    form = TrialForm(request.GET)
    wanted, _based_on, in_force = _draft(request)
    tried = None
    if form.is_valid():
        tried = trials.try_rules(wanted, read_rules(in_force.rules), last=form.cleaned_data["last"])
    context = {"form": form, "trial": tried, "in_force": in_force}
    return render_page(request, "queues/trial.html", context, status=200 if tried else 422)


# ── Changing the draft ───────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.MANAGE_ROUTING)
def add_rule(request: StaffRequest) -> HttpResponse:
    return _rule_page(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.MANAGE_ROUTING)
def edit_rule(request: StaffRequest, key: str) -> HttpResponse:
    return _rule_page(request, key)


@require_POST
@needs(Permission.MANAGE_ROUTING)
def move_rule(request: StaffRequest, key: str) -> HttpResponse:
    wanted, based_on, _in_force = _draft(request)
    place = _place(wanted, key)
    target = place - 1 if request.POST.get("to") == "up" else place + 1
    target = min(max(target, 0), len(wanted) - 1)
    wanted.insert(target, wanted.pop(place))
    return _written(request, wanted, based_on, f"#rule-{key}")


@require_POST
@needs(Permission.MANAGE_ROUTING)
def delete_rule(request: StaffRequest, key: str) -> HttpResponse:
    wanted, based_on, _in_force = _draft(request)
    wanted.pop(_place(wanted, key))
    return _written(request, wanted, based_on)


@require_POST
@needs(Permission.MANAGE_ROUTING)
def discard_draft(request: StaffRequest) -> HttpResponse:
    try:
        operations.discard_draft(seen=_seen(request), by=request.user)
    except Refused as refusal:
        return _draft_page(request, None, refusal=refusal, status=refusal.status)
    return HttpResponseRedirect(reverse("queues:rules"))


# ── Putting rules in force ───────────────────────────────


@require_POST
@needs(Permission.MANAGE_ROUTING)
def publish(request: StaffRequest) -> HttpResponse:
    form = PublishForm(request.POST)
    if not form.is_valid():
        return _draft_page(request, form, status=422)
    try:
        made = operations.publish_draft(seen=_seen(request), **form.cleaned_data, by=request.user)
    except Refused as refusal:  # the page itself, so that nothing typed is lost
        return _draft_page(request, form, refusal=refusal, status=refusal.status)
    messages.success(request, _("Version %(number)s is in force.") % {"number": made.number})
    return HttpResponseRedirect(reverse("queues:rules"))


@require_POST
@needs(Permission.MANAGE_ROUTING)
def restore(request: StaffRequest, number: int) -> HttpResponse:
    old = get_object_or_404(RuleSet, number=number)
    form = PublishForm(request.POST)
    if not form.is_valid():
        return _version_page(request, number, form, status=422)
    try:
        made = operations.restore_rules(old, **form.cleaned_data, by=request.user)
    except Refused as refusal:
        return _version_page(request, number, form, refusal=refusal, status=refusal.status)
    names = {"number": made.number, "old": number}
    messages.success(request, _("Version %(number)s is in force, with the rules of version %(old)s.") % names)
    return HttpResponseRedirect(reverse("queues:rules"))


# ── Shared by the views above ────────────────────────────


def _draft(request: StaffRequest) -> tuple[list[Rule], int, RuleSet]:
    """Return the rules as this person has them, the version they started from, and the set in force. 2 queries."""
    in_force = queries.rules_in_force()
    draft = RuleDraft.objects.filter(person=request.user).first()
    if draft is None:
        return read_rules(in_force.rules), in_force.number, in_force
    return read_rules(draft.rules), draft.based_on, in_force


def _seen(request: StaffRequest) -> UUID | None:
    """Return the edition of the draft that the page showed; one that cannot be read counts as none."""
    try:
        return UUID(request.POST.get("draft", ""))
    except ValueError:
        return None


def _edition(request: StaffRequest) -> UUID | None:
    return RuleDraft.objects.filter(person=request.user).values_list("edition", flat=True).first()


def _written(request: StaffRequest, wanted: list[Rule], based_on: int, fragment: str = "") -> HttpResponse:
    try:
        operations.write_draft(wanted, based_on=based_on, seen=_seen(request), by=request.user)
    except Refused as refusal:
        return _draft_page(request, None, refusal=refusal, status=refusal.status)
    return _to_draft(fragment)


def _place(rules: list[Rule], key: str) -> int:
    for place, rule in enumerate(rules):
        if rule.key == key:
            return place
    raise Http404


def _to_draft(fragment: str = "") -> HttpResponse:
    return HttpResponseRedirect(reverse("queues:rule_draft") + fragment)


def _draft_page(request: StaffRequest, form: PublishForm | None, **more: Any) -> HttpResponse:
    """``more``: ``status``, and ``refusal`` to show above the form."""
    wanted, based_on, in_force = _draft(request)
    refusal = more.get("refusal")
    is_stale = based_on != in_force.number
    queues = queries.queues_for_rules()
    rules = wording.views_of(wanted, queues)
    context = {
        "rules": rules,
        "changes": wording.changes(wording.views_of(read_rules(in_force.rules), queues), rules),
        "in_force": in_force,
        "is_stale": is_stale,
        "may_add": len(wanted) < checking.MOST_RULES,
        "refusal": refusal,
        "form": form or PublishForm(initial={"based_on": based_on}),
        "sent_with": in_force.number if is_stale else based_on,
        "trial_form": TrialForm(initial={"last": 1000}),
        "edition": _edition(request),
    }
    return render_page(request, "queues/rule_draft.html", context, status=more.get("status", 200))


def _rule_page(request: StaffRequest, key: str | None) -> HttpResponse:
    wanted, based_on, _in_force = _draft(request)
    is_gone = request.method == "POST" and key not in {rule.key for rule in wanted}  # deleted in another tab
    place = len(wanted) if key is None or is_gone else _place(wanted, key)
    old = wanted[place] if place < len(wanted) else None
    queues = queries.queues_for_rules()
    if request.method != "POST":
        return _show_rule(request, RuleForm(queues, rule=old), old)
    if "more" in request.POST:  # one more row, as it would be without a script
        sent = request.POST.copy()
        sent["rows"] = str(len(RuleForm(queues, sent).conditions) + SPARE_ROWS)
        return _show_rule(request, RuleForm(queues, sent), old)
    form = RuleForm(queues, request.POST)
    rule = form.read(key or secrets.token_hex(6))
    if rule is None:
        return _show_rule(request, form, old, status=422)
    wanted[place : place + 1] = [rule]
    try:
        operations.write_draft(wanted, based_on=based_on, seen=_seen(request), by=request.user)
    except Refused as refusal:  # the page itself, so that nothing typed is lost
        return _show_rule(request, form, old, refusal=refusal, status=refusal.status)
    return _to_draft(f"#rule-{rule.key}")


def _show_rule(
    request: StaffRequest, form: RuleForm, old: Rule | None, status: int = 200, refusal: Refused | None = None
) -> HttpResponse:
    """With ``refusal`` the form goes on from the draft as it is now: whoever sends it again was told."""
    goes_on = request.method != "POST" or refusal
    context = {
        "form": form,
        "refusal": refusal,
        "edition": _edition(request) if goes_on else _seen(request),
        "rule": old,
        "may_add": len(form.conditions) < checking.MOST_CONDITIONS,
        "known_values": wording.known_values(policies.clauses_in_force()),
    }
    return render_page(request, "queues/rule.html", context, status=status)


def _version_page(request: StaffRequest, number: int, form: PublishForm | None, **more: Any) -> HttpResponse:
    shown = get_object_or_404(RuleSet.objects.select_related("made_by"), number=number)
    before = RuleSet.objects.filter(number__lt=number).order_by("-number").first()
    in_force = queries.rules_in_force()
    queues = queries.queues_for_rules()
    rules = wording.views_of(read_rules(shown.rules), queues)
    earlier = wording.views_of(read_rules(before.rules), queues) if before else []
    context = {
        "rule_set": shown,
        "before": before,
        "rules": rules,
        "changes": wording.changes(earlier, rules),
        "in_force": in_force,
        "refusal": more.get("refusal"),
        "form": form or PublishForm(initial={"based_on": in_force.number}),
    }
    return render_page(request, "queues/rule_version.html", context, status=more.get("status", 200))
