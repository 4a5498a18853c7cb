"""The two roles of the database: the owner makes tables; the application changes rows, except in append-only tables."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

from trust.append_only import TRIGGER


@contextmanager
def as_owner() -> Iterator[None]:
    """Let Django's connection be the owner's inside the block."""
    application = connection.settings_dict
    connection.close()
    connection.settings_dict = application | settings.OWNER_DATABASE
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = application


def grant_to_application(role: str) -> None:
    """Give ``role``, the application's, its rights on every table. Run as the owner, after each migration."""
    with connection.cursor() as cursor:
        name = connection.ops.quote_name(role)
        cursor.execute(f"grant usage on schema public to {name}")
        cursor.execute(f"grant select, insert, update, delete on all tables in schema public to {name}")
        cursor.execute(f"grant usage, select on all sequences in schema public to {name}")
        for table in _append_only_tables():
            quoted = connection.ops.quote_name(table)
            cursor.execute(f"revoke update, delete, truncate on {quoted} from {name}")


def _append_only_tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select relname from pg_trigger join pg_class on pg_class.oid = tgrelid where tgname = %s order by 1",
            [TRIGGER],
        )
        return [table for (table,) in cursor.fetchall()]
