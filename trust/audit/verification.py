"""Whether the audit can be trusted: its events are complete, its triggers stand, the application may not edit it."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from trust.append_only import TRIGGER, AppendOnly
from trust.audit import obligations
from trust.audit.models import AuditSubject
from trust.audit.obligations import Obligation

SHOWN = 5  # ids named in a sentence

STANDING_TRIGGERS = """
    select relname, tgname from pg_trigger join pg_class on pg_class.oid = tgrelid where tgenabled in ('O', 'A')
"""
RIGHTS = ("UPDATE", "DELETE", "TRUNCATE")


def faults() -> Iterator[str]:
    """Yield a sentence for everything that is wrong. Reads whole tables: not for a page."""
    yield from _missing_triggers()
    yield from _rights_too_many()
    for obligation in obligations.rows():
        yield from _unmet(obligation)


def append_only_tables() -> list[str]:
    """Name the tables that the migrations make append-only, whatever the database says today."""
    migrations = MigrationLoader(None).disk_migrations.values()
    operations = [operation for migration in migrations for operation in migration.operations]
    return sorted(operation.table for operation in operations if isinstance(operation, AppendOnly))


def _missing_triggers() -> Iterator[str]:
    tables = append_only_tables()
    expected = {(table, name) for table in tables for name in (TRIGGER, f"{TRIGGER}_truncate")}
    with connection.cursor() as cursor:
        cursor.execute(STANDING_TRIGGERS)
        standing = set(cursor.fetchall())
    for table, trigger in sorted((expected | obligations.triggers()) - standing):
        yield _("The trigger %(trigger)s on %(table)s is missing or switched off.") % {
            "trigger": trigger,
            "table": table,
        }


def _rights_too_many() -> Iterator[str]:
    with connection.cursor() as cursor:
        for table in append_only_tables():
            for right in RIGHTS:
                cursor.execute("select has_table_privilege(current_user, %s, %s)", [table, right])
                if cursor.fetchone() == (True,):
                    yield _("The application's role may %(right)s %(table)s.") % {"right": right, "table": table}


def _unmet(obligation: Obligation) -> Iterator[str]:
    rows = apps.get_model(obligation.model)._default_manager.filter(obligation.where)
    named = AuditSubject.objects.filter(event__kind=obligation.kind, subject_kind=obligation.model)
    silent = rows.filter(~Exists(named.filter(subject_id=OuterRef("pk"))))
    words = {"model": obligation.model, "kind": obligation.kind}
    if ids := _first(silent, "pk"):
        yield _("No event %(kind)s names %(model)s %(ids)s.") % {**words, "ids": ids}
    twice = named.values("subject_id").annotate(events=Count("event")).filter(events__gt=1)
    if ids := _first(twice, "subject_id"):
        yield _("More than one event %(kind)s names %(model)s %(ids)s.") % {**words, "ids": ids}
    orphans = named.filter(~Exists(rows.filter(pk=OuterRef("subject_id"))))
    if ids := _first(orphans, "subject_id"):
        yield _("Events %(kind)s name %(model)s %(ids)s, which is not there or never did this.") % {**words, "ids": ids}


def _first(rows: QuerySet[Any], field: str) -> str:
    ids = list(rows.order_by(field).values_list(field, flat=True)[: SHOWN + 1])
    return ", ".join(map(str, ids[:SHOWN])) + (", …" if len(ids) > SHOWN else "")
