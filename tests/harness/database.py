"""The test database: built once per state of the migrations, as the owner; used as the application's role."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.conf import settings
from django.core.management import call_command
from psycopg import sql

from tests.environment import DATA_DIR, ROOT
from trust.database import as_owner, grant_to_application
from trust.embedded import postgres

NAME = "test_trustdesk"
TEMPLATE = "template_trustdesk"
SEED = "seed"

# A server for tests may lose its data with the machine's power.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")

EMPTIED_AGAIN = 5
WITHOUT_ROWS_OF_THEIR_OWN = {"django_migrations"}
GROWN = 1024 * 1024  # bytes
HAVE_GROWN = "select from unnest(%s::text[]) name where pg_relation_size(name::regclass) > %s limit 1"
TABLES = "select tablename from pg_tables where schemaname = %s order by 1"
COLUMNS = """
    select column_name from information_schema.columns
    where table_schema = 'public' and table_name = %s and is_generated = 'NEVER' order by ordinal_position
"""


@contextmanager
def running() -> Iterator[None]:
    """Have the server up and a fresh test database in it."""
    with postgres.running(DATA_DIR, settings=FAST) as urls:
        template = f"{TEMPLATE}_{_state_of_migrations()}"
        with psycopg.connect(named(urls.owner, "postgres"), autocommit=True) as admin:
            if not _exists(admin, template):
                _build(admin, urls.owner, template)
            _copy(admin, template, NAME)
        yield


def named(url: str, database: str) -> str:
    """Return ``url`` with another database in it."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def app_url() -> str:
    return named(postgres.urls(DATA_DIR).app, NAME)


def owner_url() -> str:
    return named(postgres.urls(DATA_DIR).owner, NAME)


def empty() -> None:
    """Bring every table back to what the migrations left, append-only tables included.

    A page that just closed may have sent a last word, which meets this: one of the two is then told to try again.
    """
    for _try in range(EMPTIED_AGAIN):
        with suppress(psycopg.errors.DeadlockDetected):
            return _empty()
    return _empty()


def _empty() -> None:
    """Take the rows out of the tables that hold some: far faster than to cut off all of them, which most leave empty.

    What was taken out stays in the files, so those that have grown are cut off; nothing is counted meanwhile.
    """
    with psycopg.connect(owner_url()) as owner:
        owner.execute("set session_replication_role = replica")
        tables = [name for (name,) in owner.execute(TABLES, ["public"]) if name not in WITHOUT_ROWS_OF_THEIR_OWN]
        owner.execute(sql.SQL("lock table {}").format(_listed(tables)))
        seeds = [name for (name,) in owner.execute(TABLES, [SEED])]
        if owner.execute(HAVE_GROWN, [tables, GROWN]).fetchone():
            owner.execute(sql.SQL("truncate {}").format(_listed(tables)))
        else:
            for table in {*_with_rows(owner, tables), *seeds}:
                owner.execute(sql.SQL("delete from {}").format(sql.Identifier(table)))
        for table in seeds:
            names = [sql.Identifier(column) for (column,) in owner.execute(COLUMNS, [table])]
            copy = "insert into public.{table} ({columns}) overriding system value select {columns} from {seed}.{table}"
            parts = {"table": sql.Identifier(table), "columns": sql.SQL(", ").join(names), "seed": sql.Identifier(SEED)}
            owner.execute(sql.SQL(copy).format(**parts))


def _with_rows(owner: psycopg.Connection, tables: list[str]) -> list[str]:
    has = sql.SQL(" union all ").join(
        sql.SQL("select {} where exists (select from {})").format(sql.Literal(table), sql.Identifier(table))
        for table in tables
    )
    return [name for (name,) in owner.execute(has)]


def _listed(tables: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, tables))


def _build(admin: psycopg.Connection, owner_url: str, template: str) -> None:
    """Migrate an empty database as the owner and remember the rows that the migrations made."""
    for (old,) in admin.execute(
        "select datname from pg_database where starts_with(datname, %s)", [TEMPLATE]
    ).fetchall():
        _drop(admin, old)
    unfinished = f"unfinished_{NAME}"
    _drop(admin, unfinished)
    admin.execute(sql.SQL("create database {}").format(sql.Identifier(unfinished)))
    owner_database = settings.OWNER_DATABASE
    settings.OWNER_DATABASE = owner_database | {"NAME": unfinished}
    try:
        _migrate()
    finally:
        settings.OWNER_DATABASE = owner_database
    with psycopg.connect(named(owner_url, unfinished)) as owner:
        _keep_seed(owner)
        _count_nothing(owner)
    admin.execute(
        sql.SQL("alter database {} rename to {}").format(sql.Identifier(unfinished), sql.Identifier(template))
    )


def _migrate() -> None:
    with as_owner():
        call_command("migrate", verbosity=0, interactive=False)
        grant_to_application(postgres.APP)


def _keep_seed(owner: psycopg.Connection) -> None:
    owner.execute(sql.SQL("create schema {}").format(sql.Identifier(SEED)))
    for (name,) in owner.execute(TABLES, ["public"]).fetchall():
        table = sql.Identifier(name)
        row = owner.execute(sql.SQL("select exists (select from public.{})").format(table)).fetchone()
        if row and row[0] and name not in WITHOUT_ROWS_OF_THEIR_OWN:
            copy = sql.SQL("create table {}.{} as table public.{}")
            owner.execute(copy.format(sql.Identifier(SEED), table, table))


def _count_nothing(owner: psycopg.Connection) -> None:
    """Let no table be counted in passing: what a test writes is taken back, so that each would be known as empty.

    It would be planned for so, however much the next test writes.
    """
    for (name,) in owner.execute(TABLES, ["public"]).fetchall():
        owner.execute(sql.SQL("alter table public.{} set (autovacuum_enabled = off)").format(sql.Identifier(name)))


def _copy(admin: psycopg.Connection, template: str, name: str) -> None:
    _drop(admin, name)
    copy = sql.SQL("create database {} template {}")
    admin.execute(copy.format(sql.Identifier(name), sql.Identifier(template)))


def _drop(admin: psycopg.Connection, name: str) -> None:
    admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def _exists(admin: psycopg.Connection, name: str) -> bool:
    return admin.execute("select from pg_database where datname = %s", [name]).fetchone() is not None


def _state_of_migrations() -> str:
    digest = hashlib.sha256()
    own = [ROOT / "trust" / "database.py", ROOT / "trust" / "append_only.py", Path(__file__)]
    rooms = [path for top in ("trust", "policies", "incidents") for path in (ROOT / top).rglob("migrations/*.py")]
    for path in [*own, *sorted(rooms), ROOT / "requirements" / "run.txt"]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
