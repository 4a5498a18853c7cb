"""A form that was not taken: where it came from, and what was typed into it, so that nothing is lost."""

import re
from typing import Final
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

MOST_FIELDS: Final = 100
# What nobody typed, or what must never be shown again.
_NOT_TYPED: Final = re.compile("csrf|password|secret|token|code|draft|seen", re.IGNORECASE)
_PROSE: Final = re.compile(r"\s|.{24}", re.DOTALL)  # words, or one long one: no choice from a list


def page_before(request: HttpRequest) -> str:
    """Return the address of the page that sent ``request``, within Trustdesk; "" where it is not known."""
    before = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(before, {request.get_host()}, require_https=request.is_secure()):
        return ""
    parts = urlsplit(before)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def typed_in(request: HttpRequest) -> list[str]:
    """Return the prose of a form, field by field, in its order."""
    if request.method != "POST":
        return []
    fields = [(name, value) for name in list(request.POST)[:MOST_FIELDS] for value in request.POST.getlist(name)]
    return [value for name, value in fields if not _NOT_TYPED.search(name) and _PROSE.search(value.strip())]
