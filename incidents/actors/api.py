from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents.actors.filters import NamedActorFilter
from incidents.actors.models import Actor
from incidents.actors.serializers import ActorPageOut
from trust.accounts.authentication import KeyRequest
from trust.pagination import keyset_page
from trust.permissions import Scope


class ActorList(APIView):
    """The actors that the key's owner may read, newest first, 50 at a time."""

    scopes = {"GET": Scope.ACTORS_READ}

    @extend_schema(
        operation_id="actors_list",
        parameters=[
            OpenApiParameter("kind", str, enum=Actor.Kind.values),
            OpenApiParameter("external_id", str, description="the whole id"),
            OpenApiParameter("tier", str, description="the whole word"),
            OpenApiParameter("cursor", str, description="`next` of the page before"),
        ],
        responses=ActorPageOut,
    )
    def get(self, request: KeyRequest) -> Response:
        rows = Actor.objects.visible_to(request.user).select_related("parent")
        chosen = NamedActorFilter.of(request._request, rows)
        page = keyset_page(request._request, chosen.qs, by=["-created_at", "-pk"])
        return Response(ActorPageOut({"results": page.rows, "next": page.older or None}).data)
