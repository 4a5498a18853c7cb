from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents.actors import operations as actors
from incidents.actors.models import Actor
from incidents.intake.models import Stage
from incidents.intake.queries import namespace_of
from incidents.use_cases import operations
from incidents.use_cases.filters import StateFilter
from incidents.use_cases.models import Application, ApplicationQuerySet
from incidents.use_cases.rules import Wish
from incidents.use_cases.serializers import ApplicationIn, ApplicationOut, ApplicationPageOut
from trust import idempotency
from trust.accounts.authentication import KeyRequest
from trust.pagination import keyset_page
from trust.permissions import Scope


class ApplicationListView(APIView):
    scopes = {"GET": Scope.USE_CASES_READ, "POST": Scope.USE_CASES_WRITE}

    @extend_schema(
        operation_id="use_case_list",
        description="Applications in the namespace of the key's source, newest first, 50 at a time.",
        parameters=[
            OpenApiParameter("state", str, enum=Application.State.values),
            OpenApiParameter("name", str, description="The whole name."),
            OpenApiParameter("stage", str, enum=Stage.values),
            OpenApiParameter("cursor", str, description="`next` of the page before"),
        ],
        responses=ApplicationPageOut,
    )
    def get(self, request: KeyRequest) -> Response:
        chosen = StateFilter.of(request._request, _readable(request))
        page = keyset_page(request._request, chosen.qs, by=["-entered_at", "-pk"])
        return Response(ApplicationPageOut({"results": page.rows, "next": page.older or None}).data)

    @extend_schema(
        operation_id="use_case_apply",
        description="Enter what an actor applies for. A person decides about it; a key never does.",
        request=ApplicationIn,
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)],
        responses={
            201: ApplicationOut,
            200: OpenApiResponse(ApplicationOut, description="Sent before under the same Idempotency-Key."),
            409: OpenApiResponse(description="use-case-waiting, or refused"),
        },
    )
    def post(self, request: KeyRequest) -> Response:
        sent = ApplicationIn(data=request.data)
        sent.is_valid(raise_exception=True)
        fields = dict(sent.validated_data)
        named = fields.pop("actor")
        wish = Wish(
            **fields,
            idempotency_key=idempotency.key_of(request),
            digest=idempotency.digest_of(request),
        )
        with transaction.atomic():  # an actor that is new is made only with its application
            application = operations.apply(_actor(request, named), wish, by=request.user)
        answer = status.HTTP_200_OK if application.is_repeat else status.HTTP_201_CREATED
        return Response(ApplicationOut(application).data, status=answer)


class ApplicationView(APIView):
    scopes = {"GET": Scope.USE_CASES_READ}

    @extend_schema(operation_id="use_case_read", description="One application.", responses=ApplicationOut)
    def get(self, request: KeyRequest, pk: int) -> Response:
        return Response(ApplicationOut(get_object_or_404(_readable(request), pk=pk)).data)


def _readable(request: KeyRequest) -> ApplicationQuerySet:
    """What the key's owner may read, in the namespace of the key's source."""
    rows = Application.objects.visible_to(request.user).filter(actor__namespace=namespace_of(request.auth.source))
    return rows.with_names()


def _actor(request: KeyRequest, named: dict[str, Any]) -> Actor:
    """Find the actor, or make it where it is new: who asks has often sent nothing yet.

    Whether the key's owner may see it is not asked: the answer would tell whether there is such an actor.
    """
    namespace = namespace_of(request.auth.source)
    if not Actor.objects.filter(namespace=namespace, **named).exists():
        reference = actors.Reference(**named)
        made = actors.note([actors.Sighting(reference)], namespace=namespace)
        return Actor.objects.get(pk=made[reference])
    return Actor.objects.get(namespace=namespace, **named)
