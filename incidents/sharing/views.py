"""Three steps for an actor and for an incident: the form, what would leave, the file."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from incidents.actors.models import Actor
from incidents.response.models import Incident
from incidents.sharing import operations, queries
from incidents.sharing.forms import ShareForm
from incidents.sharing.queries import Chosen
from incidents.sharing.rules import MOST_ACTORS
from trust.access import needs
from trust.htmx import StaffRequest, render_page
from trust.permissions import Permission
from trust.refusals import Refused

SHOWN = 5  # names in the preview
ALONE = "alone"


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.SHARE_ACTORS)
def actor(request: StaffRequest, pk: int) -> HttpResponse:
    """Share an actor with all who are linked to it, or alone (``?whom=alone``)."""
    actor = get_object_or_404(Actor.objects.visible_to(request.user), pk=pk)
    is_alone = request.GET.get("whom") == ALONE
    place = {"actor": actor, "up": reverse("linking:links", args=[pk]), "is_alone": is_alone}
    return _step(request, place, lambda: queries.only(actor) if is_alone else queries.with_linked(actor, request.user))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.SHARE_ACTORS)
def incident(request: StaffRequest, pk: int) -> HttpResponse:
    incident = get_object_or_404(Incident.objects.visible_to(request.user), pk=pk)
    place = {"incident": incident, "up": reverse("response:actors", args=[pk])}
    return _step(request, place, lambda: queries.of_incident(incident, request.user))


def _step(request: StaffRequest, place: dict[str, Any], choose: Callable[[], Chosen]) -> HttpResponse:
    with queries.in_time():
        chosen = choose()
    may_name = request.user.may(Permission.SHARE_ACTORS_BY_NAME)
    form = ShareForm(request.POST if request.method == "POST" else None, may_name=may_name)
    context = {**place, "form": form, "chosen": chosen, "most": MOST_ACTORS}
    if not form.is_bound or not form.is_valid():
        return render_page(request, "sharing/form.html", context, status=422 if form.errors else 200)
    asked = form.request_for()
    try:
        file = operations.look(chosen, asked, by=request.user)
    except Refused as refusal:
        for name in refusal.errors or [None]:
            form.add_error(name if name in form.fields else None, refusal.sentence)
        return render_page(request, "sharing/form.html", context, status=422)
    if form.cleaned_data["confirmed"] == file.digest:  # what was shown is what leaves
        return _download(operations.share(chosen, asked, by=request.user, looked_at=file))
    sent = [(name, request.POST[name]) for name in form.fields if name in request.POST and name != "confirmed"]
    context |= {**_preview(file, asked), "digest": file.digest, "sent": sent}
    return render_page(request, "sharing/preview.html", context)


def _preview(file: operations.File, asked: operations.Request) -> dict[str, Any]:
    shared = file.shared
    return {
        "file": file,
        "asked": asked,
        "names": shared.known[:SHOWN],
        "findings": sorted(shared.findings.items()),
        "identifiers": sorted(shared.identifiers.items()),
    }


def _download(file: operations.File) -> HttpResponse:
    response = HttpResponse(file.body, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return response
