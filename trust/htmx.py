"""Answers that are a page to a visit and a fragment to htmx."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails

from trust.accounts.models import User


class StaffRequest(HttpRequest):
    """A request behind ``login_required``."""

    user: User
    htmx: HtmxDetails


def is_fragment_request(request: HttpRequest) -> bool:
    htmx = cast(HtmxDetails | None, getattr(request, "htmx", None))
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request  # type: ignore[union-attr]


def render_page(
    request: HttpRequest, page: str, context: dict[str, Any], *, fragment: str = "", status: int = 200
) -> HttpResponse:
    """Answer a GET: ``fragment`` to htmx, ``page`` to a visit."""
    template = fragment if fragment and is_fragment_request(request) else page
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request", "Cookie"])
    return response
