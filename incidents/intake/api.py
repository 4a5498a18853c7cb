from __future__ import annotations

import time
from dataclasses import asdict
from functools import lru_cache
from typing import Any, cast

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ParseError, Throttled
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents.intake import operations
from incidents.intake.parsers import JsonAlerts, NdjsonAlerts, Records
from incidents.intake.serializers import ReceiptOut, alert_schema
from trust import heartbeat
from trust.accounts import operations as accounts
from trust.accounts.models import ApiKey
from trust.permissions import Scope

_ONE = alert_schema()
REQUEST = {
    "application/json": {"oneOf": [_ONE, {"type": "array", "items": _ONE}]},
    "application/x-ndjson": {"type": "string", "description": "One alert to a line."},
}


class AlertsView(APIView):
    """Take alerts in: one, an array, or one to a line. 202 says that what was accepted is stored for good."""

    parser_classes = [JsonAlerts, NdjsonAlerts]
    scopes = {"POST": Scope.INTAKE}

    @extend_schema(operation_id="alerts_accept", request=REQUEST, responses={202: ReceiptOut})
    def post(self, request: Request) -> Response:
        key = cast(ApiKey, request.auth)
        body: Any = request.data
        if not isinstance(body, Records):
            raise ParseError(_("The body is empty, or came without its length."))
        if wait := accounts.count_alerts(key, len(body.records)):
            limit = {"limit": key.alerts_per_minute}
            raise Throttled(wait, _("This key may send %(limit)s alerts a minute. Nothing was stored.") % limit)
        receipt = operations.accept(body.records, source=key.source, via_key=key)
        return Response(asdict(receipt) | {"processing": _processing(int(time.monotonic()))}, status=202)


@lru_cache(maxsize=1)
def _processing(second: int) -> str:
    """Say whether what was accepted is also being worked on. Asked at most once a second and process."""
    return "normal" if heartbeat.is_alive("worker") and heartbeat.is_alive("scheduler") else "delayed"
