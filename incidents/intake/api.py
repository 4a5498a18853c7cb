from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from dataclasses import asdict
from functools import lru_cache
from typing import Any, Final, cast

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ParseError, Throttled
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents.intake import operations, queries, telling
from incidents.intake.filters import TrafficFilter
from incidents.intake.formats import catalogue, cloudevents
from incidents.intake.formats.reader import Reader
from incidents.intake.models import Batch, TrafficCount
from incidents.intake.parsers import CloudEvents, CloudEventsBatch, CsvAlerts, JsonAlerts, NdjsonAlerts, Records
from incidents.intake.serializers import (
    BatchOut,
    ReceiptOut,
    TrafficPageOut,
    TrafficReceiptOut,
    alert_schema,
    traffic_schema,
)
from trust import heartbeat, idempotency
from trust.accounts import operations as accounts
from trust.accounts.authentication import KeyRequest
from trust.accounts.models import ApiKey
from trust.pagination import keyset_page
from trust.permissions import Scope

_ONE = alert_schema()
LONGEST_OPTION: Final = 20_000
SECONDS_TO_CATCH_UP: Final = 30
REQUEST = {
    "application/json": {"oneOf": [_ONE, {"type": "array", "items": _ONE}]},
    "application/x-ndjson": {"type": "string", "description": "One alert to a line."},
    "text/csv": {"type": "string", "description": "One record to a row, under a header; ?mapping= names the columns."},
    "application/cloudevents+json": {"type": "object"},
    "application/cloudevents-batch+json": {"type": "array", "items": {"type": "object"}},
}


_ONE_COUNT = traffic_schema()
TRAFFIC_REQUEST = {
    "application/json": {"oneOf": [_ONE_COUNT, {"type": "array", "items": _ONE_COUNT}]},
    "application/x-ndjson": {"type": "string", "description": "One count to a line."},
}


class _AlwaysJson(DefaultContentNegotiation):
    """Leaves ``?format=`` to what comes in."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        first = next(iter(renderers))
        return first, first.media_type


class AlertsView(APIView):
    """Take alerts in: one, an array, or one to a line. 202 says that what was accepted is stored for good.

    ``?format=`` names a provider's format (docs/formats.md); without it records are native alerts.
    """

    parser_classes = [JsonAlerts, NdjsonAlerts, CsvAlerts, CloudEvents, CloudEventsBatch]
    content_negotiation_class = _AlwaysJson
    scopes = {"POST": Scope.INTAKE}

    @extend_schema(
        operation_id="alerts_accept",
        request=REQUEST,
        responses={202: ReceiptOut},
        parameters=[
            OpenApiParameter(idempotency.HEADER, str, OpenApiParameter.HEADER),
            OpenApiParameter("format", str, enum=sorted(catalogue.FORMATS), description="The records' format."),
            OpenApiParameter("mapping", str, description="For csv: the name of a mapping, or one as JSON."),
            OpenApiParameter("data_format", str, description="For cloudevents: the format of the data."),
            OpenApiParameter("detector_version", str, description="Where the format does not say it."),
        ],
    )
    def post(self, request: Request) -> Response:
        key, reader = cast(ApiKey, request.auth), _reader(request)
        body: Any = request.data
        if not isinstance(body, Records):
            raise ParseError(_("The body is empty, or came without its length."))
        try:
            receipt = _taken(key, body, reader, _mark(request, body))
        finally:
            body.records.clear()  # the request and its view hold each other, and with them the body, for a long while
        return Response(asdict(receipt) | {"processing": _processing(int(time.monotonic()))}, status=202)


def _taken(key: ApiKey, body: Records, reader: Reader, mark: operations.RequestMark | None) -> operations.Receipt:
    """Take a body in, once if it is marked. Raises Throttled."""
    if _is_behind(int(time.monotonic())):
        raise Throttled(SECONDS_TO_CATCH_UP, _("Too many alerts wait for their queues. Nothing was stored."))
    if wait := accounts.count_alerts(key, len(body.records)):
        limit = {"limit": key.alerts_per_minute}
        raise Throttled(wait, _("This key may send %(limit)s alerts a minute. Nothing was stored.") % limit)
    if mark:
        return operations.accept_once(body.records, via_key=key, reader=reader, mark=mark)
    return operations.accept(body.records, source=key.source, via_key=key, reader=reader)


class BatchView(APIView):
    """What became of one request of the key's source, and how many of its alerts have reached a queue."""

    scopes = {"GET": Scope.INTAKE}

    @extend_schema(
        operation_id="batches_read",
        description="`rejections` are 50 at a time. Their sentences may quote content: without the scope `content:read`"
        " a path has how many there are, and so has every path of a record that names something restricted.",
        parameters=[OpenApiParameter("cursor", str, description="`next` of the answer before")],
        responses=BatchOut,
    )
    def get(self, request: KeyRequest, pk: int) -> Response:
        batch = get_object_or_404(Batch.objects.select_related("source"), pk=pk, source__slug=request.auth.source)
        page = keyset_page(request._request, batch.rejections.all(), by=["pk"])
        told = telling.told(page.rows, with_content=request.auth.may_use(Scope.CONTENT_READ))
        more = {"routed": queries.count_routed(batch), "rejections": told, "next": page.older or None}
        return Response(BatchOut(batch, context=more).data)


class TrafficView(APIView):
    """How much was generated beside what raised alerts: what rates are taken of."""

    parser_classes = [JsonAlerts, NdjsonAlerts]
    scopes = {"POST": Scope.TRAFFIC, "GET": Scope.STATISTICS_EXACT}

    @extend_schema(
        operation_id="traffic_count",
        description="Counts by day and dimensions. The same again changes nothing; other numbers correct; both stay.",
        request=TRAFFIC_REQUEST,
        responses=TrafficReceiptOut,
    )
    def post(self, request: Request) -> Response:
        key, body = cast(ApiKey, request.auth), cast(Any, request.data)
        if not isinstance(body, Records):
            raise ParseError(_("The body is empty, or came without its length."))
        return Response(asdict(operations.count_traffic(body.records, source=key.source, via_key=key)))

    @extend_schema(
        operation_id="traffic_list",
        description="The counts that hold, of all sources, last told first, 50 at a time.",
        parameters=[
            OpenApiParameter("source", str, description="Slug"),
            OpenApiParameter("since", {"type": "string", "format": "date"}, description="First day"),
            OpenApiParameter("until", {"type": "string", "format": "date"}, description="Last day"),
            OpenApiParameter("cursor", str, description="`next` of the page before"),
        ],
        responses=TrafficPageOut,
    )
    def get(self, request: Request) -> Response:
        rows = TrafficCount.objects.in_effect().select_related("source")
        chosen = TrafficFilter.of(request._request, rows)
        page = keyset_page(request._request, chosen.qs, by=["-pk"])
        return Response(TrafficPageOut({"results": page.rows, "next": page.older or None}).data)


def _mark(request: Request, body: Records) -> operations.RequestMark | None:
    """Return by what the request is known again, if its sender wants it to be. Raises 400."""
    key = idempotency.key_of(request)
    said = [request.content_type or "", request.META.get("QUERY_STRING", "")]
    fingerprint = hashlib.sha256(body.digest + "\n".join(said).encode()).digest()
    return operations.RequestMark(key, fingerprint) if key else None


def _reader(request: Request) -> Reader:
    """Choose the format: by ``?format=``, by the headers of a binary event, or by the content type. Raises 400."""
    options = {str(name): str(value)[:LONGEST_OPTION] for name, value in request.query_params.items()}
    headers = {name.lower(): value for name, value in request.headers.items()}
    events = {name: value for name, value in headers.items() if name.startswith(cloudevents.PREFIX)}
    slug = options.pop("format", "")
    if slug:
        chosen = catalogue.FORMATS.get(slug)
        if chosen is None:
            raise ParseError({"format": [_("There is no format %(slug)s.") % {"slug": slug[:60]}]})
    elif f"{cloudevents.PREFIX}id" in events:
        chosen = catalogue.FORMATS["cloudevents"]
    else:
        chosen = catalogue.by_media_type(request.content_type or "") or catalogue.NATIVE
    return Reader(chosen, headers=events, options=queries.with_saved_mapping(options))


@lru_cache(maxsize=1)
def _is_behind(second: int) -> bool:
    """Say whether routing is too far behind for more. Asked at most once a second and process."""
    limit: int = settings.INTAKE_MOST_WAITING
    return bool(limit) and queries.is_routing_behind(limit)


@lru_cache(maxsize=1)
def _processing(second: int) -> str:
    """Say whether what was accepted is also being worked on. Asked at most once a second and process."""
    return "normal" if heartbeat.is_alive("worker") and heartbeat.is_alive("scheduler") else "delayed"
