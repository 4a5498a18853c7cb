from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents.actors.models import Actor
from incidents.enforcement import operations
from incidents.enforcement.filters import EnforcementFilter
from incidents.enforcement.models import EnforcementAction, EnforcementActionQuerySet
from incidents.enforcement.serializers import EnforcementIn, EnforcementOut, EnforcementPageOut
from incidents.intake.queries import namespace_of
from incidents.review.models import Decision
from policies.vocabulary import EnforcementKind
from trust import idempotency
from trust.accounts.authentication import KeyRequest
from trust.pagination import keyset_page
from trust.permissions import Scope


class EnforcementListView(APIView):
    scopes = {"GET": Scope.ENFORCEMENT_READ, "POST": Scope.ENFORCEMENT_PROPOSE}

    @extend_schema(
        operation_id="enforcement_list",
        description="Actions in the namespace of the key's source, newest first, 50 at a time.",
        parameters=[
            OpenApiParameter("status", str, enum=EnforcementAction.Status.values),
            OpenApiParameter("kind", str, enum=EnforcementKind.values),
            OpenApiParameter("cursor", str, description="`next` of the page before"),
        ],
        responses=EnforcementPageOut,
    )
    def get(self, request: KeyRequest) -> Response:
        chosen = EnforcementFilter.of(request._request, _readable(request))
        page = keyset_page(request._request, chosen.qs, by=["-created_at", "-pk"])
        return Response(EnforcementPageOut({"results": page.rows, "next": page.older or None}).data)

    @extend_schema(
        operation_id="enforcement_propose",
        description="Propose an action. A person approves it; a key never does.",
        request=EnforcementIn,
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)],
        responses={
            201: EnforcementOut,
            200: OpenApiResponse(EnforcementOut, description="Sent before under the same Idempotency-Key."),
            409: OpenApiResponse(description="refused"),
        },
    )
    def post(self, request: KeyRequest) -> Response:
        sent = EnforcementIn(data=request.data)
        sent.is_valid(raise_exception=True)
        fields = sent.validated_data
        enforcement = operations.propose(
            _actor(request, fields["actor"]),
            operations.Proposal(
                kind=EnforcementKind(fields["kind"]),
                parameters=fields["parameters"],
                reason=fields["reason"],
                decisions=_decisions(fields["decisions"]),
                starts_at=fields["starts_at"],
                idempotency_key=idempotency.key_of(request),
                digest=idempotency.digest_of(request),
            ),
            by=request.user,
        )
        answer = status.HTTP_200_OK if enforcement.is_repeat else status.HTTP_201_CREATED
        return Response(EnforcementOut(enforcement).data, status=answer)


class EnforcementView(APIView):
    scopes = {"GET": Scope.ENFORCEMENT_READ}

    @extend_schema(operation_id="enforcement_read", description="One action.", responses=EnforcementOut)
    def get(self, request: KeyRequest, pk: int) -> Response:
        return Response(EnforcementOut(get_object_or_404(_readable(request), pk=pk)).data)


def _readable(request: KeyRequest) -> EnforcementActionQuerySet:
    """What the key's owner may read, in the namespace of the key's source."""
    rows = EnforcementAction.objects.visible_to(request.user).filter(actor__namespace=namespace_of(request.auth.source))
    return rows.with_names()


def _actor(request: KeyRequest, named: dict[str, Any]) -> Actor:
    actors = Actor.objects.visible_to(request.user).filter(namespace=namespace_of(request.auth.source), **named)
    actor = actors.first()
    if actor is None:
        raise ValidationError({"actor": [_("There is no such actor.")]})
    return actor


def _decisions(ids: list[int]) -> list[Decision]:
    found = list(Decision.objects.filter(pk__in=ids))
    if missing := sorted(set(ids) - {decision.pk for decision in found}):
        raise ValidationError({"decisions": [_("There is no decision %(id)s.") % {"id": missing[0]}]})
    return found
