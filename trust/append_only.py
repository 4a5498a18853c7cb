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
