from __future__ import annotations

from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _, gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import APIException, Throttled, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents.inbound import operations
from incidents.inbound.models import Refusal
from incidents.inbound.operations import NotBelieved, Outcome, TooMany
from incidents.inbound.serializers import TakenOut
from incidents.inbound.signatures import ID
from trust.bodies import BodyTooLarge

MOST_BYTES: Final = 256 * 1024


class _NotSigned(APIException):
    """The one answer to whatever is not signed: an address that is not there says no more than one that is."""

    status_code = status.HTTP_401_UNAUTHORIZED
    default_code = "not-signed"
    default_detail = gettext_lazy("Nothing shows that this request may be believed.")
    auth_header = "Webhook-Signature"


class OpenAIWebhookView(APIView):
    """Where OpenAI tells of safety events. No API key: the signature over the body's bytes is what lets a request in.

    Events that are not about safety are acknowledged and dropped, so that they are not sent again.
    """

    authentication_classes = []
    permission_classes = []

    @extend_schema(
        operation_id="webhooks_openai",
        request={"application/json": {"type": "object"}},
        responses={202: TakenOut},
        auth=[],
    )
    def post(self, request: Request, token: UUID) -> Response:
        body = request._request.read(MOST_BYTES + 1)  # never through a parser: the signature is over these bytes
        if len(body) > MOST_BYTES:
            operations.note_refused(token, Refusal.TOO_LARGE)
            raise BodyTooLarge(_("The body is larger than %(limit)s bytes.") % {"limit": MOST_BYTES})
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            webhook = operations.believe(token, body, headers)
        except NotBelieved:
            raise _NotSigned from None
        except TooMany as many:
            raise Throttled(many.seconds, _("Too many events in this minute. Nothing was stored.")) from None
        taken = operations.take(webhook, body, message_id=headers[ID])
        if taken.outcome is Outcome.REJECTED:
            raise ValidationError(taken.errors)
        return Response({"outcome": taken.outcome}, status=202)
