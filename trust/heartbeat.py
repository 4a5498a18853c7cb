"""Signs of life of the worker and the scheduler."""

from datetime import timedelta

from django.db import connection

SILENT_AFTER = timedelta(seconds=60)


def beat(process: str) -> None:
    """Note, by the database's clock, that ``process`` is alive."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into trust_heartbeat values (%s, now()) on conflict (process) do update set at = excluded.at",
            [process],
        )


def state(process: str) -> str:
    """Return "ok", or "silent" when ``process`` was not heard of for a minute. One query."""
    return "ok" if is_alive(process) else "silent"


def is_alive(process: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select from trust_heartbeat where process = %s and at > now() - %s * interval '1 s')",
            [process, SILENT_AFTER.total_seconds()],
        )
        return bool(cursor.fetchone()[0])
