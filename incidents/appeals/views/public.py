from __future__ import annotations

from typing import Any, Final

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods

from incidents.appeals import operations, queries
from incidents.appeals.forms import ObjectionForm
from incidents.enforcement import links
from incidents.enforcement.models import EnforcementAction
from incidents.enforcement.statements import with_link
from trust.refusals import Refused

OF_ADDRESS: Final = 60  # a minute
OF_LINK: Final = 20
SENT_OF_ADDRESS: Final = 6


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind a signed link: what was done, and one field to object to it; later what came of that.

    It knows no account and opens no session. What is forged, too old or leads nowhere costs and answers the same.
    """
    if wait := operations.count_asks(_limits(request, token)):
        response = _answer("later", {}, status=429)
        response["Retry-After"] = str(int(wait))
        return response
    opened = links.opened(token)
    shown = queries.shown(opened.enforcement)
    if shown is None or (shown.appeal is None and not opened.may_appeal):
        return _answer("gone", {}, status=404)
    if request.method == "POST" and shown.appeal is None and not shown.is_over:
        return _receive(request, opened.enforcement, shown)
    status = 409 if request.method == "POST" else 200
    return _page(request, shown, form=ObjectionForm(), status=status)


def _receive(request: HttpRequest, number: int, shown: queries.Shown) -> HttpResponse:
    form = ObjectionForm(request.POST)
    if not form.is_valid():
        return _page(request, shown, form=form, status=422)
    try:
        operations.receive(EnforcementAction(pk=number), operations.Objection(form.cleaned_data["text"]))
    except Refused:  # somebody was faster: the page says what stands now
        return _page(request, queries.shown(number) or shown, form=form, status=409)
    return HttpResponseRedirect(request.path, status=303)


def _page(request: HttpRequest, shown: queries.Shown, *, form: ObjectionForm, status: int) -> HttpResponse:
    context = {
        "shown": shown,
        "statement": with_link(shown.statement.text, settings.PUBLIC_URL + request.path) if shown.statement else "",
        "form": form,
        "is_refused": status == 409,
        "csrf_token": get_token(request),
    }
    return _answer("page", context, status=status)


def _answer(name: str, context: dict[str, Any], *, status: int) -> HttpResponse:
    """Render without the request, so that nothing asks who this is."""
    response = HttpResponse(render_to_string(f"appeals/public/{name}.html", context), status=status)
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _limits(request: HttpRequest, token: str) -> list[tuple[str, int]]:
    """The address as sign-in counts it, and the link whether it is good or not."""
    address = get_adapter(request).get_client_ip(request)
    limits = [(f"address {address}", OF_ADDRESS), (f"link {token}", OF_LINK)]
    return [*limits, (f"sent {address}", SENT_OF_ADDRESS)] if request.method == "POST" else limits
