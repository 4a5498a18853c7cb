"""Tables that are never edited in place: a trigger refuses UPDATE, DELETE and TRUNCATE, whoever asks.

``manage.py prepare`` also takes these rights from the application's role, by the trigger's name.
"""

from typing import Any

from django.db import migrations

TRIGGER = "append_only"

FUNCTION = """
    create or replace function refuse_change() returns trigger language plpgsql as $$
    begin
        raise exception '% is append-only', tg_table_name using errcode = 'integrity_constraint_violation';
    end $$;
"""


class AppendOnly(migrations.RunSQL):
    """Make ``table`` append-only. Use it in the migration that makes the table."""

    def __init__(self, table: str) -> None:
        self.table = table
        super().__init__(
            f"""
            {FUNCTION}
            create trigger {TRIGGER} before update or delete on {table}
                for each row execute function refuse_change();
            create trigger {TRIGGER}_truncate before truncate on {table}
                for each statement execute function refuse_change();
            """,
            f"drop trigger {TRIGGER} on {table}; drop trigger {TRIGGER}_truncate on {table};",
        )

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [self.table], {}


class AppendOnlyUntil(migrations.RunSQL):
    """Make ``table`` append-only, but let rows go whose ``column`` lies more than ``days`` days back."""

    def __init__(self, table: str, column: str, days: int) -> None:
        self.table, self.column, self.days = table, column, days
        super().__init__(
            f"""
            {FUNCTION}
            create trigger {TRIGGER}_until before update on {table}
                for each row execute function refuse_change();
            create trigger {TRIGGER}_until_old before delete on {table}
                for each row when (old.{column} > now() - interval '{days} days') execute function refuse_change();
            create trigger {TRIGGER}_until_truncate before truncate on {table}
                for each statement execute function refuse_change();
            """,
            f"""
            drop trigger {TRIGGER}_until on {table}; drop trigger {TRIGGER}_until_old on {table};
            drop trigger {TRIGGER}_until_truncate on {table};
            """,
        )

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [self.table, self.column, self.days], {}
