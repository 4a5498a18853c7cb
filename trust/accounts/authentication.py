"""How the API knows who asks: a bearer key, its scope, its owner, its limits."""

from typing import Any

from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _, gettext_lazy
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from trust import clock
from trust.accounts import keys, operations
from trust.accounts.models import ApiKey, User
from trust.audit import context
from trust.permissions import Scope


class ApiKeyAuthentication(BaseAuthentication):
    """``Authorization: Bearer td_…``. ``request.user`` becomes the key's owner, ``request.auth`` the key."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey]:
        scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not text:
            raise AuthenticationFailed(_("Send an API key: Authorization: Bearer KEY."))
        key = _find(text.strip())
        if key is None:
            raise AuthenticationFailed(_("This API key is unknown, expired or revoked."))
        if wait := operations.count_request(key):
            raise Throttled(
                wait, _("This key may send %(limit)s requests a minute.") % {"limit": key.requests_per_minute}
            )
        context.use_key(key.pk)
        return key.owner, key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class KeyRequest(Request):
    """A request that a key was let in with."""

    user: User
    auth: ApiKey


class HasScope(BasePermission):
    """Let a key in that holds the view's scope: ``scopes = {"GET": Scope.QUEUES_READ}``, by method."""

    message = gettext_lazy("This key does not hold the scope for this, or its owner may not do it.")

    def has_permission(self, request: Request, view: Any) -> bool:
        key: Any = request.auth
        scopes: dict[str, Scope] = getattr(view, "scopes", {})
        scope = scopes.get("GET" if request.method == "HEAD" else str(request.method))
        if scope is None:
            return not hasattr(view, str(request.method).lower())  # let through to the 405; else closed
        return isinstance(key, ApiKey) and key.may_use(scope)


class HasAnyKey(BasePermission):
    """Let any valid key in: the schema and the documentation."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.auth, ApiKey)


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "trust.accounts.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


def _find(text: str) -> ApiKey | None:
    part = keys.public_part(text)
    if part is None:
        return None
    key = ApiKey.objects.select_related("owner").filter(public_part=part).first()
    if key is None or not constant_time_compare(bytes(key.digest), keys.digest(text)):
        return None
    return key if key.state(clock.now()) == "in_force" else None
