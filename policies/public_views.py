"""The guidelines for everyone, without signing in: only where the operator opened them."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from policies import public
from policies.models import PolicyVersion
from trust.pagination import keyset_page

View = Callable[..., HttpResponse]


def opened(view: View) -> View:
    """Answer 404 unless PUBLIC_GUIDELINES is set. Nothing behind it reads or begins a session."""

    @wraps(view)
    def guarded(request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
        if not settings.PUBLIC_GUIDELINES:
            raise Http404
        return view(request, *arguments, **options)

    return guarded


@opened
@require_GET
def guidelines(request: HttpRequest) -> HttpResponse:
    page = keyset_page(request, public.in_force(), by=["policy__position", "pk"])
    return render(request, "policies/public/list.html", {"page": page})


@opened
@require_GET
def guideline(request: HttpRequest, key: str) -> HttpResponse:
    """The version in force; the newest retired one when none is."""
    version = public.published().filter(policy__key=key).order_by("-number").first()
    if version is None:
        raise Http404
    return _page(request, version)


@opened
@require_GET
def guideline_at(request: HttpRequest, key: str, number: int) -> HttpResponse:
    return _page(request, get_object_or_404(public.published(), policy__key=key, number=number))


def _page(request: HttpRequest, version: PolicyVersion) -> HttpResponse:
    shown = public.guideline(version)
    change = public.change_to(version, shown)
    context = {
        "guideline": shown,
        "versions": public.former(version),
        "before": change[0] if change else None,
        "comparison": {"found": change[1]} if change else None,
        "is_inline": True,
    }
    return render(request, "policies/public/guideline.html", context)
