"""What every request gets: an id, private headers, the viewer's language and zone, a calm answer without a database."""

import re
import uuid
from collections.abc import Callable
from zoneinfo import ZoneInfo

import structlog
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from trust import languages, problems
from trust.audit import context
from trust.htmx import is_fragment_request
from trust.untaken import page_before

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


def untaken_forms(get_response: Handler) -> Handler:
    """Lead back to the page of a form: who sent it after signing out, and who opened the address that it goes to."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code == 405 and request.method == "GET" and not problems.is_api(request):
            page = problems.method_not_allowed(request)
            page["Allow"] = response["Allow"]
            return page
        if request.method == "POST" and _asks_to_sign_in(request, response) and not is_fragment_request(request):
            messages.warning(request, _("You were signed out, so nothing was done. Sign in and send it again."))
            return redirect_to_login(page_before(request) or "/")
        return response

    return handle


def _asks_to_sign_in(request: HttpRequest, response: HttpResponse) -> bool:
    """Say whether the gate of a page answered, which leads back to what was asked for."""
    asked = redirect_to_login(request.get_full_path())
    return response.headers.get("Location") == asked["Location"]


def language(get_response: Handler) -> Handler:
    """Answer in the language that the browser asks for, and machines in English."""

    def handle(request: HttpRequest) -> HttpResponse:
        asked = languages.asked_for(request)
        with translation.override(asked):
            response = get_response(request)
        if not languages.is_for_machines(request):
            patch_vary_headers(response, ["Accept-Language", "Cookie"])
        response.headers.setdefault("Content-Language", asked)
        return response

    return handle


def own_language(get_response: Handler) -> Handler:
    """Answer people who chose a language in that one, whatever their browser asks for."""

    def handle(request: HttpRequest) -> HttpResponse:
        chosen = "" if languages.is_for_machines(request) else _of_person(request, "language")
        if chosen not in languages.NAMES:
            return get_response(request)
        with translation.override(chosen):
            response = get_response(request)
        response.headers.setdefault("Content-Language", chosen)
        return response

    return handle


def time_zone(get_response: Handler) -> Handler:
    """Show times in the person's own zone."""

    def handle(request: HttpRequest) -> HttpResponse:
        name = _of_person(request, "time_zone")
        with timezone.override(ZoneInfo(name) if name else None):
            return get_response(request)

    return handle


def _of_person(request: HttpRequest, setting: str) -> str:
    """Return what the person of a request chose, "" where there is nobody. Without a session nobody is looked for."""
    person = getattr(request, "user", None)
    return getattr(person, setting, "") if person and request.session.session_key else ""
