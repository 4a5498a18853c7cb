"""The gate of a page: signed in, and holding the permission; objects are narrowed by ``visible_to`` behind it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from trust.permissions import Permission

View = Callable[..., HttpResponse]


def needs(permission: Permission) -> Callable[[View], View]:
    """Let in who holds ``permission``: others get 403, anonymous visitors the sign-in page."""

    def gate(view: View) -> View:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
            if not request.user.may(permission):  # type: ignore[union-attr]
                raise PermissionDenied(_("Your role does not open this page."))
            return view(request, *arguments, **options)

        return guarded

    return gate
