"""``/healthz``: this process is up. ``/readyz``: what it depends on is there; names and states only.

Which of them is down is told on the machine itself and to whoever has an API key; everybody else learns the status.
"""

import ipaddress
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from trust import heartbeat
from trust.accounts.authentication import ApiKeyAuthentication

Check = Callable[[], str]

# A request with one of these was passed on by a proxy, which may well stand on this machine.
PASSED_ON: Final = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via")
LOCAL_HOSTS: Final = ("localhost", "127.0.0.1", "[::1]")


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 ``ok``; 200 ``degraded`` when only the worker or the scheduler is silent; 503 when the database is away."""
    states = {name: _state(check) for name, check in CHECKS.items()}
    details = {"checks": states} if _is_from_this_machine(request) or _has_key(request) else {}
    if any(states[name] != "ok" for name in ("database", "migrations")):
        return JsonResponse({"status": "unavailable", **details}, status=503)
    return JsonResponse({"status": "ok" if set(states.values()) <= {"ok", "same"} else "degraded", **details})


def _is_from_this_machine(request: HttpRequest) -> bool:
    """Say whether someone here asks this process itself. A proxy here is told by what it adds, or by the host asked."""
    if any(name in request.headers for name in PASSED_ON):
        return False
    host = request.headers.get("Host", "")
    if (host if host.endswith("]") else host.rpartition(":")[0] or host).lower() not in LOCAL_HOSTS:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _has_key(request: HttpRequest) -> bool:
    """Say whether a key that works came along. False while the database, which knows the keys, is away."""
    if "Authorization" not in request.headers:
        return False
    try:
        ApiKeyAuthentication().authenticate(Request(request))
    except (APIException, DatabaseError):
        return False
    return True


def _state(check: Check) -> str:
    try:
        return check()
    except DatabaseError:
        return "unavailable"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('fsync'), current_setting('full_page_writes')")
        return "ok" if cursor.fetchone() == ("on", "on") else "not durable"


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    return "pending" if executor.migration_plan(executor.loader.graph.leaf_nodes()) else "ok"


def _database_role() -> str:
    """Say "same" when the application runs as the owner: then only triggers protect append-only tables."""
    return "same" if settings.MIGRATION_DATABASE_URL == settings.DATABASE_URL else "ok"


CHECKS: dict[str, Check] = {
    "database": _database,
    "migrations": _migrations,
    "database role": _database_role,
    "worker": lambda: heartbeat.state("worker"),
    "scheduler": lambda: heartbeat.state("scheduler"),
}
