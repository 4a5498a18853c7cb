"""``/healthz``: this process is up. ``/readyz``: what it depends on is there; names and states only."""

from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from trust import heartbeat

Check = Callable[[], str]


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 ``ok``; 200 ``degraded`` when only the worker or the scheduler is silent; 503 when the database is away."""
    states = {name: _state(check) for name, check in CHECKS.items()}
    if any(states[name] != "ok" for name in ("database", "migrations")):
        return JsonResponse({"status": "unavailable", "checks": states}, status=503)
    return JsonResponse({"status": "ok" if set(states.values()) <= {"ok", "same"} else "degraded", "checks": states})


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
