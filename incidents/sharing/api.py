"""The files of the pages, by API: what leaves, who may let it leave and what is written down are the same."""

import base64
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.views import APIView

from incidents.actors.models import Actor
from incidents.intake.queries import namespace_of
from incidents.response.models import Incident
from incidents.sharing import operations, queries
from incidents.sharing.queries import Chosen
from incidents.sharing.serializers import ALONE, ActorShareIn, ShareIn
from trust.accounts.authentication import KeyRequest
from trust.permissions import Scope

LEFT_OUT: Final = "Trustdesk-Left-Out"
HEADERS: Final = [
    OpenApiParameter(
        "Repr-Digest",
        str,
        OpenApiParameter.HEADER,
        response=[200],
        description="SHA-256 of the body (RFC 9530): the one that the audit keeps, there in hexadecimal digits.",
    ),
    OpenApiParameter(
        LEFT_OUT, int, OpenApiParameter.HEADER, response=[200], description="How many actors the file has no room for."
    ),
]
ANSWERS: Final = {
    200: OpenApiResponse(OpenApiTypes.OBJECT, description="The file: a STIX 2.1 bundle, or a MISP event."),
    403: OpenApiResponse(description="not-allowed: `by_name` without the scope `actors:share-by-name`"),
    409: OpenApiResponse(description="refused: there is no actor to share"),
    422: OpenApiResponse(description="invalid: `errors` names the fields"),
    503: OpenApiResponse(description="too-slow: share the actor alone"),
}


class ActorShare(APIView):
    scopes = {"POST": Scope.ACTORS_SHARE}

    @extend_schema(
        operation_id="actor_share",
        description="Make a file of an actor, with all who are linked to it or alone, under stable pseudonyms. "
        "Each file is recorded in the audit with its checksum.",
        request=ActorShareIn,
        parameters=HEADERS,
        responses=ANSWERS,
    )
    def post(self, request: KeyRequest) -> HttpResponse:
        sent = ActorShareIn(data=request.data)
        sent.is_valid(raise_exception=True)
        asked = _asked(request, sent)
        actor = _actor(request, sent.validated_data["actor"])
        with queries.in_time():
            is_alone = sent.validated_data["whom"] == ALONE
            chosen = queries.only(actor) if is_alone else queries.with_linked(actor, request.user)
        return _file(request, chosen, asked)


class IncidentShare(APIView):
    scopes = {"POST": Scope.ACTORS_SHARE}

    @extend_schema(
        operation_id="incident_share",
        description="Make a file of the actors of an incident, those that were added first, under stable pseudonyms. "
        "Each file is recorded in the audit with its checksum.",
        request=ShareIn,
        parameters=HEADERS,
        responses={**ANSWERS, 404: OpenApiResponse(description="not-found: no incident that the key's owner may read")},
    )
    def post(self, request: KeyRequest, pk: int) -> HttpResponse:
        incident = get_object_or_404(Incident.objects.visible_to(request.user), pk=pk)
        sent = ShareIn(data=request.data)
        sent.is_valid(raise_exception=True)
        asked = _asked(request, sent)
        with queries.in_time():
            chosen = queries.of_incident(incident, request.user)
        return _file(request, chosen, asked)


def _asked(request: KeyRequest, sent: ShareIn) -> operations.Request:
    """Return what is asked for, before anyone is looked for. Raises PermissionDenied."""
    asked = sent.request_for()
    if asked.is_by_name and not request.auth.may_use(Scope.ACTORS_SHARE_BY_NAME):
        raise PermissionDenied(
            _("To let outside ids leave, a key holds the scope actors:share-by-name and its owner may.")
        )
    return asked


def _actor(request: KeyRequest, named: dict[str, Any]) -> Actor:
    namespace = namespace_of(request.auth.source)
    actor = Actor.objects.visible_to(request.user).filter(namespace=namespace, **named).first()
    if actor is None:
        raise ValidationError({"actor": [_("There is no such actor.")]})
    return actor


def _file(request: KeyRequest, chosen: Chosen, asked: operations.Request) -> HttpResponse:
    """Let the file leave, byte by byte as its checksum says. Raises Refused."""
    file = operations.share(chosen, asked, by=request.user)
    response = HttpResponse(file.body, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{file.name}"'
    response["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(file.checksum)).decode()}:"
    response[LEFT_OUT] = str(chosen.others)
    return response
