from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from incidents.actors.models import Actor
from incidents.linking import operations, queries
from incidents.linking.forms import WordForm
from incidents.linking.graph import SIZE, graph_of
from incidents.linking.models import Word
from trust.access import needs
from trust.htmx import StaffRequest, render_page
from trust.integers import read_id
from trust.permissions import Permission
from trust.refusals import Refused

SHOWN_BESIDE = 5
MOST_REASONS = 3  # links by which one is found


@dataclass(frozen=True)
class Row:
    """One linked actor: how far away it is, and by which links to nearer ones it was found."""

    actor: Actor
    step: int
    links: list[tuple[queries.Link, Actor | None]]


@require_safe
@needs(Permission.READ_ACTORS)
def links(request: StaffRequest, pk: int) -> HttpResponse:
    return _page(request, _actor(request, pk), WordForm(initial={"verdict": Word.Verdict.ASSERTED}))


@require_safe
@needs(Permission.READ_ACTORS)
def of_actor(request: StaffRequest, pk: int) -> HttpResponse:
    """A fragment for the page of an actor: the nearest linked ones."""
    actor = _actor(request, pk)
    web = queries.web_of(actor)
    rows, hidden = _rows(web, queries.actors_of(web, request.user))
    context = {"actor": actor, "web": web, "rows": rows[:SHOWN_BESIDE], "more": len(rows) - SHOWN_BESIDE}
    return render_page(request, "linking/of_actor.html", {**context, "hidden": hidden}, fragment="linking/_panel.html")


@require_POST
@needs(Permission.REVIEW)
def say(request: StaffRequest, pk: int) -> HttpResponse:
    actor, form = _actor(request, pk), WordForm(request.POST)
    if form.is_valid():
        other = _named(request, actor, form.cleaned_data["other"])
        if other is None:
            form.add_error("other", _("There is no such actor that you may open."))
        else:
            chosen = form.cleaned_data
            try:
                verdict = Word.Verdict(chosen["verdict"])
                operations.say(actor, other, verdict, evidence=chosen["evidence"], by=request.user)
            except Refused as refusal:
                form.add_error(None, refusal.sentence)
    if form.errors:
        return _page(request, actor, form)
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(reverse("linking:links", args=[pk]))


# ── Parts ────────────────────────────────────────────────


def _actor(request: StaffRequest, pk: int) -> Actor:
    return get_object_or_404(Actor.objects.visible_to(request.user), pk=pk)


def _named(request: StaffRequest, actor: Actor, name: str) -> Actor | None:
    visible = Actor.objects.visible_to(request.user)
    number = read_id(name)
    if number is not None and (found := visible.filter(pk=number).first()):
        return found
    return visible.filter(namespace=actor.namespace, external_id=name.strip()).order_by("pk").first()


def _page(request: StaffRequest, actor: Actor, form: WordForm) -> HttpResponse:
    web = queries.web_of(actor)
    known = queries.actors_of(web, request.user)
    rejected = Actor.objects.visible_to(request.user).in_bulk([link.other(actor.pk) for link in web.rejected])
    rows, hidden = _rows(web, known)
    context: dict[str, Any] = {
        "actor": actor,
        "web": web,
        "rows": rows,
        "hidden": hidden,
        "rejected": [(link, rejected.get(link.other(actor.pk))) for link in web.rejected],
        "graph": graph_of(web),
        "known": known,
        "size": SIZE,
        "form": form,
        "may_propose": request.user.may(Permission.PROPOSE_ENFORCEMENT),
        "may_share": request.user.may(Permission.SHARE_ACTORS),
        "may_say": request.user.may(Permission.REVIEW),
    }
    return render_page(request, "linking/links.html", context, status=422 if form.errors else 200)


def _rows(web: queries.Web, known: dict[int, Actor]) -> tuple[list[Row], int]:
    """Return the linked actors whom the reader may open, nearest first, and how many others there are."""
    nearer: dict[int, list[queries.Link]] = {}
    for link in web.links:
        nearer.setdefault(max(link.pair, key=lambda one: web.steps[one]), []).append(link)
    found = [
        Row(known[one], web.steps[one], [(link, known.get(link.other(one))) for link in nearer[one][:MOST_REASONS]])
        for one in web.linked
        if one in known
    ]
    return sorted(found, key=lambda row: (row.step, row.actor.pk)), len(web.linked) - len(found)
