"""The page on which the same is proposed for several linked actors: first what it would do, then doing it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from incidents.actors.models import Actor
from incidents.enforcement import kinds, queries as enforcement
from incidents.enforcement.forms import ProposalForm
from incidents.linking import operations, queries, rules
from incidents.linking.forms import ChosenForm
from trust.access import needs
from trust.htmx import StaffRequest, render_page
from trust.numbers import Amount
from trust.permissions import Permission


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.PROPOSE_ENFORCEMENT)
def act(request: StaffRequest, pk: int) -> HttpResponse:
    """Propose for an actor and all who are linked to it, those whom the person may open."""
    actor = get_object_or_404(Actor.objects.visible_to(request.user), pk=pk)
    web = queries.web_of(actor)
    known = queries.actors_of(web, request.user)
    offered = [known[one] for one in sorted(web.steps, key=lambda one: web.steps[one]) if one in known]
    offered = offered[: rules.MOST_AT_ONCE]
    sent = request.POST if request.method == "POST" else None
    proposal = ProposalForm(sent, offered=[], chosen=[], basis=None)
    chosen = ChosenForm(sent, offered=[one.pk for one in offered], initial={"actors": [one.pk for one in offered]})
    if sent is None or not (proposal.is_valid() & chosen.is_valid()):
        return _page(request, actor, offered, proposal, chosen, status=422 if sent else 200)
    picked = [known[one] for one in chosen.cleaned_data["actors"]]
    if not chosen.is_confirmed:
        return _preview(request, actor, picked, proposal, chosen)
    made = operations.propose_for(picked, proposal.proposal(), by=request.user)
    sentence = ngettext("%(n)s action is proposed.", "%(n)s actions are proposed.", len(made))
    messages.success(request, sentence % {"n": Amount(len(made))})
    return HttpResponseRedirect(reverse("enforcement:list"))


def _page(
    request: StaffRequest,
    actor: Actor,
    offered: list[Actor],
    proposal: ProposalForm,
    chosen: ChosenForm,
    *,
    status: int,
) -> HttpResponse:
    ticked = {str(one) for one in chosen["actors"].value() or []}
    context: dict[str, Any] = {
        "actor": actor,
        "form": proposal,
        "chosen": chosen,
        "choices": [(one, str(one.pk) in ticked) for one in offered],
        "kind": proposal.chosen_kind,
        "parameters": proposal.parameters,
        "needs_two": proposal.chosen_kind.is_severe,
    }
    return render_page(request, "linking/act.html", context, status=status)


def _preview(
    request: StaffRequest, actor: Actor, picked: list[Actor], proposal: ProposalForm, chosen: ChosenForm
) -> HttpResponse:
    asked = proposal.proposal()
    covered = enforcement.covered([one.pk for one in picked], asked.kind)
    left = [one for one in picked if one.pk not in covered]
    context = {
        "actor": actor,
        "words": kinds.in_words(asked.kind, dict(asked.parameters)),
        "effect": kinds.effect_at_once(asked.kind, dict(asked.parameters)),
        "needs_two": asked.kind.is_severe,
        "left": left,
        "covered": [one for one in picked if one.pk in covered],
        "with_findings": enforcement.with_upheld([one.pk for one in left]),
        "sent": [(name, value) for name in request.POST for value in request.POST.getlist(name) if name != "confirmed"],
        "numbers": chosen.numbers,
    }
    return render_page(request, "linking/preview.html", context)
