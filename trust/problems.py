"""Errors of the API as RFC 9457 problem+json, and error pages of the browser."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _, gettext_lazy
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from trust.audit.context import request_id
from trust.refusals import Refused
from trust.untaken import page_before, typed_in

TITLES = {
    400: gettext_lazy("Bad request"),
    401: gettext_lazy("Not signed in"),
    403: gettext_lazy("Not allowed"),
    404: gettext_lazy("Not found"),
    405: gettext_lazy("Method not allowed"),
    406: gettext_lazy("Not acceptable"),
    409: gettext_lazy("Refused"),
    413: gettext_lazy("Too large"),
    415: gettext_lazy("Unsupported media type"),
    422: gettext_lazy("Not valid"),
    429: gettext_lazy("Too many requests"),
    500: gettext_lazy("Server error"),
    503: gettext_lazy("Back soon"),
}


def problem(status: int, *, code: str = "about:blank", detail: str = "", **extra: Any) -> dict[str, Any]:
    return {"type": code, "title": str(TITLES.get(status, _("Error"))), "status": status, "detail": detail, **extra}


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Translate what a view meant to say. Anything unexpected stays an exception: a 500, logged once."""
    if isinstance(error, Refused):
        errors = {"errors": error.errors} if error.errors else {}
        answer = Response(problem(error.status, code=error.code, detail=error.sentence, **errors), status=error.status)
    elif isinstance(error, BadRequest):
        answer = Response(problem(400, code="bad-request", detail=str(error)), status=400)
    elif isinstance(error, Http404):
        answer = Response(problem(404, code="not-found", detail=_("There is nothing here for you.")), status=404)
    elif isinstance(error, PermissionDenied):
        answer = Response(problem(403, code="not-allowed", detail=str(error)), status=403)
    elif isinstance(error, exceptions.APIException):
        answer = _from_api_exception(error)
    else:
        return None
    set_rollback()
    answer.content_type = "application/problem+json"
    return answer


def _from_api_exception(error: exceptions.APIException) -> Response:
    headers = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    code = error.get_codes() if isinstance(error.detail, str) else "invalid"
    status = 422 if isinstance(error, exceptions.ValidationError) else error.status_code
    if isinstance(error.detail, str):
        body = problem(status, code=str(code).replace("_", "-"), detail=str(error.detail))
    else:
        body = problem(status, code="invalid", detail=_("Some fields are not valid."), errors=flat_errors(error.detail))
    return Response(body, status=status, headers=headers)


def flat_errors(detail: Any, path: str = "") -> dict[str, list[str]]:
    """Flatten nested field errors to ``{"generation.messages.0.content": ["…"]}``."""
    if isinstance(detail, dict):
        errors: dict[str, list[str]] = {}
        for name, part in detail.items():
            inner = path if name == "non_field_errors" else f"{path}.{name}" if path else str(name)
            errors.update(flat_errors(part, inner))
        return errors
    if isinstance(detail, list) and any(isinstance(part, (dict, list)) for part in detail):
        errors = {}
        for index, part in enumerate(detail):
            if part:
                errors.update(flat_errors(part, f"{path}.{index}" if path else str(index)))
        return errors
    sentences = detail if isinstance(detail, list) else [detail]
    return {path or "body": [str(sentence) for sentence in sentences]}


def is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def error_response(request: HttpRequest, status: int, detail: str = "", **more: Any) -> HttpResponse:
    """Answer an error outside any view, in the asker's form. Never cached."""
    if is_api(request):
        body = problem(status, code=HTTPStatus(status).phrase.lower().replace(" ", "-"), detail=detail)
        response: HttpResponse = JsonResponse(body, status=status, content_type="application/problem+json")
    else:
        context = {"detail": detail, "request_id": request_id(), **more}
        response = render(request, f"errors/{status}.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    detail = str(exception) if isinstance(exception, BadRequest) else ""
    return error_response(request, 400, detail)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return error_response(request, 403, str(exception))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return error_response(request, 404)


def server_error(request: HttpRequest) -> HttpResponseBase:
    return error_response(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    sentence = _("Your session's form was out of date. Load the page again and repeat.")
    return error_response(request, 403, sentence, back_to=page_before(request), typed=typed_in(request))


def method_not_allowed(request: HttpRequest) -> HttpResponse:
    """Answer who opened the address of a form, as by reloading what came of it."""
    parents = [request.path[: place + 1] for place, sign in enumerate(request.path[:-1]) if sign == "/"]
    return error_response(request, 405, back_to=next(filter(_is_known, reversed(parents)), ""))


def _is_known(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


def is_database_away(error: OperationalError) -> bool:
    """Say whether the server is gone or refuses connections, as opposed to a statement that failed."""
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or state.startswith(("08", "57P", "53"))
