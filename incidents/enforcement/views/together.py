"""Deciding on several proposals of the list at once: first what that would mean, then each by itself."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_http_methods

from incidents.enforcement import kinds, operations, queries, rules
from incidents.enforcement.forms import TogetherForm
from incidents.enforcement.models import EnforcementAction
from incidents.enforcement.views.pages import visible
from trust import clock
from trust.access import needs
from trust.htmx import StaffRequest, render_page
from trust.integers import read_id
from trust.numbers import Amount
from trust.permissions import Permission
from trust.refusals import Refused

MOST_TOGETHER = 50  # what a page of the list holds


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.PROPOSE_ENFORCEMENT)
def together(request: StaffRequest) -> HttpResponse:
    """GET shows what deciding on ``?action=…&action=…`` would mean; POST approves or declines them, each by itself."""
    sent = request.POST.getlist("numbers") if request.method == "POST" else request.GET.getlist("action")
    numbers = {number for one in sent if (number := read_id(one)) is not None}
    rows = visible(request).open().filter(pk__in=sorted(numbers)[:MOST_TOGETHER]).order_by("created_at", "pk")
    chosen = list(rows)
    if len(numbers) > MOST_TOGETHER:
        sentence = _("At most %(most)s are decided on together. Tick fewer.") % {"most": MOST_TOGETHER}
        raise Refused(sentence, code="too-many", status=422)
    if not chosen:
        messages.info(request, _("Nothing is selected that still waits. Tick rows of the list first."))
        return HttpResponseRedirect(reverse("enforcement:list"))
    if request.method != "POST":
        form = TogetherForm()
        return _preview(request, chosen, form)
    form = TogetherForm(request.POST)
    if not form.is_valid():
        return _preview(request, chosen, form)
    does_approve = form.cleaned_data["verdict"] == "approve"
    _decide(request, chosen, reason=form.cleaned_data["reason"], does_approve=does_approve)
    return HttpResponseRedirect(reverse("enforcement:list"))


def _decide(request: StaffRequest, chosen: list[EnforcementAction], *, reason: str, does_approve: bool) -> None:
    """Decide on each in a transaction of its own, with its own rule, and tell how many went through and why not."""
    done, refused = 0, Counter[str]()
    act = operations.approve if does_approve else operations.decline
    for enforcement in chosen:
        try:
            act(enforcement, reason=reason, by=request.user)
            done += 1
        except Refused as refusal:
            refused[refusal.sentence] += 1
    if does_approve:
        told = ngettext("%(n)s approved.", "%(n)s approved.", done) % {"n": Amount(done)}
    else:
        told = ngettext("%(n)s declined.", "%(n)s declined.", done) % {"n": Amount(done)}
    for sentence, many in refused.most_common():
        why = ngettext("%(n)s refused: %(why)s", "%(n)s refused: %(why)s", many)
        told = f"{told} {why % {'n': Amount(many), 'why': sentence}}"
    (messages.success if done else messages.warning)(request, told)


def _preview(request: StaffRequest, chosen: list[EnforcementAction], form: TogetherForm) -> HttpResponse:
    person = request.user
    rows = [(one, kinds.in_words(one.kind, one.parameters), rules.refusal_to_approve(one, person)) for one in chosen]
    approvable = [one for one, _words, refusal in rows if refusal is None]
    whole = queries.preview_together(approvable, clock.now())
    context: dict[str, Any] = {
        "rows": rows,
        "form": form,
        "whole": whole,
        "approvable": len(approvable),
    }
    return render_page(request, "enforcement/together.html", context, status=422 if form.is_bound else 200)
