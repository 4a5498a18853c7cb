"""The door to the live stream: who asks is signed in as for any page, and their connection is handed on."""

import hashlib

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from incidents.queues.models import Queue
from incidents.queues.stream.address import socket_path
from incidents.queues.stream.handing import Watch, hand_on
from trust import clock
from trust.htmx import StaffRequest
from trust.permissions import Permission


@login_required
@require_GET
def events(request: StaffRequest) -> HttpResponse:
    """Hand the connection on; 204, which a browser does not repeat, where there is no stream to hand it to.

    With ``?queue=`` a lead is told of the rows of one queue too, besides how all queues stand.
    """
    person, queue = request.user, 0
    if slug := request.GET.get("queue", ""):
        queue = get_object_or_404(Queue.objects.visible_to(person, clock.now()), slug=slug).pk
    watch = Watch(
        session=_digest(request.session.session_key or ""),
        person=person.pk,
        stamp=_digest(person.password),
        roles=",".join(person.roles),
        is_lead=person.may(Permission.MANAGE_QUEUES),
        queue=queue,
    )
    hand_on(request.META.get("gunicorn.socket"), watch, to=socket_path(settings.DATA_DIR))
    return HttpResponse(status=204)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
