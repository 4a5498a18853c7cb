"""The broker that carries hints: PGMQ on our own PostgreSQL, unless CELERY_BROKER_URL names another.

Losing it loses nothing: work is found by query, hints only wake the sweeps early.
"""

from typing import Any

import psycopg
from pgmq.install import get_embedded_install_sql
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

QUEUE = "trustdesk"
SECONDS_TO_CONNECT = 2

# Which functions of PGMQ exist tells whether its script has run: the script itself can only run once.
IS_INSTALLED = "select to_regprocedure('pgmq.create(text)') is not null"

ON_POSTGRES: dict[str, Any] = {
    "init_extension": False,
    "use_notify": True,
    "polling_interval": 1.0,
    "wait_time_seconds": 0,
    "visibility_timeout": 60,
    "pool_size": 2,
    "pool_timeout": SECONDS_TO_CONNECT,
}


def celery_settings(broker_url: str | None, database_url: str) -> dict[str, Any]:
    """Return Celery's settings for the given broker, or for PGMQ in the database when there is none."""
    return _COMMON | (_outside(broker_url) if broker_url else _on_postgres(database_url))


def install(owner_url: str, *, app_role: str) -> None:
    """Make PGMQ's tables and functions as plain SQL, as the owner, and let the application's role use them.

    The application makes its own queues. They hold hints and no record, so that costs no protection.
    """
    with psycopg.connect(owner_url, connect_timeout=10) as connection:
        row = connection.execute(IS_INSTALLED).fetchone()
        if row is None or not row[0]:
            connection.execute(get_embedded_install_sql().encode())
        for grant in ("usage, create on schema", "all on all tables in schema", "all on all sequences in schema"):
            statement = sql.SQL(f"grant {grant} pgmq to {{}}").format(sql.Identifier(app_role))
            connection.execute(statement)


_COMMON: dict[str, Any] = {
    "accept_content": ["json"],
    "task_serializer": "json",
    "result_backend": None,
    "task_ignore_result": True,
    "task_default_queue": QUEUE,
    "task_publish_retry": False,
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    "broker_connection_timeout": SECONDS_TO_CONNECT,
    "broker_pool_limit": 2,
    "worker_cancel_long_running_tasks_on_connection_loss": False,
    "worker_enable_remote_control": False,
    "worker_hijack_root_logger": False,
    "worker_prefetch_multiplier": 1,
    "worker_send_task_events": False,
}


def _on_postgres(database_url: str) -> dict[str, Any]:
    options = ON_POSTGRES | {"conn_string": _pgmq_conninfo(database_url)}
    return {"broker_url": "pgmq://localhost", "broker_transport_options": options}


def _pgmq_conninfo(database_url: str) -> str:
    """Write ``database_url`` so that it survives the client, which keeps five fields and joins them unquoted.

    Each field is quoted once more, and what it would drop (``sslmode``, time-outs) rides behind the last field.
    """
    given = {name: str(value) for name, value in conninfo_to_dict(database_url).items() if value is not None}
    fields = {name: given.pop(name, "") for name in ("host", "port", "dbname", "user", "password")}
    fields["host"] = fields["host"] or "localhost"
    fields["port"] = fields["port"] or "5432"
    quoted = {name: _quoted(value) for name, value in fields.items()}
    rest = {"connect_timeout": str(SECONDS_TO_CONNECT), "application_name": "trustdesk-broker"} | given
    quoted["password"] += "".join(f" {name}={_quoted(value)}" for name, value in rest.items())
    return make_conninfo(**quoted)


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _outside(broker_url: str) -> dict[str, Any]:
    settings: dict[str, Any] = {"broker_url": broker_url}
    if broker_url.startswith(("amqp:", "amqps:")):
        settings["task_default_queue_type"] = "quorum"
    return settings
