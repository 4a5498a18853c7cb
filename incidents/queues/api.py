from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents.queues import operations, queries
from incidents.queues.models import Queue
from incidents.queues.serializers import ClaimIn, ClaimOut, QueuesOut
from trust import clock
from trust.accounts.authentication import KeyRequest
from trust.permissions import Scope


class QueueList(APIView):
    """The queues that the key's owner may see, most urgent first."""

    scopes = {"GET": Scope.QUEUES_READ}

    @extend_schema(operation_id="queues_list", responses=QueuesOut)
    def get(self, request: KeyRequest) -> Response:
        now = clock.now()
        queues = list(Queue.objects.visible_to(request.user, now))
        return Response(QueuesOut({"queues": queries.queue_states(queues, now)}).data)


class QueueClaim(APIView):
    """Take the next item of a queue, or the one that the key's owner holds there already."""

    scopes = {"POST": Scope.REVIEW}

    @extend_schema(
        operation_id="queues_claim",
        request=ClaimIn,
        responses={
            200: ClaimOut,
            204: OpenApiResponse(description="Nothing waits."),
            409: OpenApiResponse(description="exposure-limit: what waits is too much for the owner now."),
        },
    )
    def post(self, request: KeyRequest, slug: str) -> Response:
        ClaimIn(data=request.data).is_valid(raise_exception=True)
        queue = get_object_or_404(Queue.objects.visible_to(request.user, clock.now()), slug=slug)
        claim = operations.claim(queue, by=request.user)
        if claim is None:
            return Response(status=status.HTTP_204_NO_CONTENT)
        return Response(ClaimOut(claim).data)
