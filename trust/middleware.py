"""What every request gets: an id, private headers, the viewer's time zone, a calm answer without the database."""

import re
import uuid
from collections.abc import Callable
from zoneinfo import ZoneInfo

import structlog
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from trust import problems
from trust.audit import context

Handler = Callable[[HttpRequest], HttpResponse]

_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}\Z")


def request_id(get_response: Handler) -> Handler:
    """Give the request an id that its log lines, audit events and answer share."""

    def handle(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        identifier = given if _REQUEST_ID.match(given) else uuid.uuid4().hex
        structlog.contextvars.bind_contextvars(request_id=identifier)
        with context.request(identifier):
            response = get_response(request)
        structlog.contextvars.clear_contextvars()
        response["X-Request-Id"] = identifier
        return response

    return handle


def response_headers(get_response: Handler) -> Handler:
    """Keep what is behind sign-in out of caches, and switch off browser powers that no page needs."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.setdefault("Cache-Control", "no-store")
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        response["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
        return response

    return handle


def database_away(get_response: Handler) -> Handler:
    """Answer 503 with ``Retry-After`` while the database is away; the next request gets a fresh connection."""

    def handle(request: HttpRequest) -> HttpResponse:
        try:
            return get_response(request)
        except (OperationalError, InterfaceError) as error:
            return _back_soon(request, error)

    def process_exception(request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, (OperationalError, InterfaceError)):
            return _back_soon(request, error)
        return None

    handle.process_exception = process_exception  # type: ignore[attr-defined]
    return handle


def _back_soon(request: HttpRequest, error: Exception) -> HttpResponse:
    if isinstance(error, OperationalError) and not problems.is_database_away(error):
        raise error
    connection.close()
    request.user = None  # type: ignore[assignment]  # the page must not ask the database who this is
    response = problems.error_response(request, 503)
    response["Retry-After"] = "5"
    return response


def time_zone(get_response: Handler) -> Handler:
    """Show times in the person's own zone."""

    def handle(request: HttpRequest) -> HttpResponse:
        person = getattr(request, "user", None)
        name = getattr(person, "time_zone", "") if person and request.session.session_key else ""
        with timezone.override(ZoneInfo(name) if name else None):
            return get_response(request)

    return handle
