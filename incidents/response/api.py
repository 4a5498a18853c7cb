from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents.response import queries
from incidents.response.filters import IncidentFilter
from incidents.response.models import Incident
from incidents.response.serializers import IncidentPageSerializer, WholeIncidentSerializer
from policies.vocabulary import Severity
from trust.pagination import keyset_page
from trust.permissions import Scope


class IncidentListView(APIView):
    scopes = {"GET": Scope.INCIDENTS_READ}

    @extend_schema(
        operation_id="incidents_list",
        description="The incidents that the key's owner may read, newest first, 50 at a time.",
        parameters=[
            OpenApiParameter("status", str, enum=Incident.Status.values),
            OpenApiParameter("severity", int, enum=Severity.values),
            OpenApiParameter("cursor", str, description="`next` of the page before"),
        ],
        responses=IncidentPageSerializer,
    )
    def get(self, request: Request) -> Response:
        rows = Incident.objects.visible_to(request.user).for_list()
        chosen = IncidentFilter.of(request._request, rows)
        page = keyset_page(request._request, chosen.qs, by=["-created_at", "-pk"])
        answer = {"results": page.rows, "next": page.older or None}
        return Response(IncidentPageSerializer(answer).data)


class IncidentView(APIView):
    scopes = {"GET": Scope.INCIDENTS_READ}

    @extend_schema(
        operation_id="incidents_read",
        description="One incident, with how much is linked to it.",
        responses=WholeIncidentSerializer,
    )
    def get(self, request: Request, pk: int) -> Response:
        incident = get_object_or_404(Incident.objects.visible_to(request.user).for_list(), pk=pk)
        incident.counts = queries.counts(incident, request.user)  # type: ignore[attr-defined, arg-type]
        return Response(WholeIncidentSerializer(incident).data)
