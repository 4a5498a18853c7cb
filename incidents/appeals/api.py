from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents.appeals import operations
from incidents.appeals.models import Appeal
from incidents.appeals.serializers import AppealIn, AppealOut
from incidents.enforcement.models import EnforcementAction
from incidents.intake.queries import namespace_of
from trust import idempotency
from trust.accounts.authentication import KeyRequest
from trust.permissions import Scope


class AppealListView(APIView):
    scopes = {"POST": Scope.APPEALS_WRITE}

    @extend_schema(
        operation_id="appeal_receive",
        description="Hand in an actor's appeal against an action. The answer acknowledges it; one is open at a time.",
        request=AppealIn,
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)],
        responses={
            201: AppealOut,
            200: OpenApiResponse(AppealOut, description="Sent before under the same Idempotency-Key."),
            409: OpenApiResponse(description="appeal-open, or refused"),
        },
    )
    def post(self, request: KeyRequest) -> Response:
        sent = AppealIn(data=request.data)
        sent.is_valid(raise_exception=True)
        objection = operations.Objection(
            text=sent.validated_data["text"],
            way=Appeal.Way.KEY,
            idempotency_key=idempotency.key_of(request),
            digest=idempotency.digest_of(request),
        )
        appeal = operations.receive(_action(request, sent.validated_data["action"]), objection, by=request.user)
        answer = status.HTTP_200_OK if appeal.is_repeat else status.HTTP_201_CREATED
        return Response(AppealOut(appeal).data, status=answer)


def _action(request: KeyRequest, number: int) -> EnforcementAction:
    """Find an approved action on an actor in the namespace of the key's source: of others nothing is said."""
    namespace = namespace_of(request.auth.source)
    rows = EnforcementAction.objects.filter(actor__namespace=namespace, approved_at__isnull=False)
    action = rows.filter(pk=number).first()
    if action is None:
        raise ValidationError({"action": [_("There is no such action.")]})
    return action
