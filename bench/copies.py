"""Copies of every table that acceptance writes, with the same indexes and foreign keys: what COPY can reach there."""

from io import BytesIO

import psycopg
from psycopg import sql

from bench.registry import seconds
from bench.world import World, in_parallel

SCHEMA = "copies"
BATCH_TABLE = "intake_batch"
SHARED = ["actors_actor", "actors_identifier"]  # rows that several batches point at

GENERATIONS = "(select generation_id from intake_alert where batch_id = {batch})"

# The rows of each table that one batch of alerts brought.
OF_BATCH = {
    "intake_generation": f"select t.* from intake_generation t where id in {GENERATIONS}",
    "intake_content": f"select t.* from intake_content t where generation_id in {GENERATIONS}",
    "intake_alert": "select t.* from intake_alert t where batch_id = {batch}",
    "intake_alerttoroute": "select id as alert_id from intake_alert where batch_id = {batch}",
}


class Copies:
    """Made once per run, filled with the rows that the product has just stored."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.processor_seconds = 0.0  # of the last copying
        with world.owner() as owner:
            owner.execute(f"drop schema if exists {SCHEMA} cascade")
            owner.execute(f"create schema {SCHEMA}")
            tables = ["intake_source", "intake_detectorversion", BATCH_TABLE, *SHARED, *OF_BATCH]
            for table in tables:
                owner.execute(f"create table {SCHEMA}.{table} (like public.{table} including all)")
            for table in tables:
                copy_foreign_keys(owner, table, schema=SCHEMA)

    def highest_ids(self) -> dict[str, int]:
        """Return the highest id of each table whose rows are shared, and of batches: what comes later is new."""
        with self._world.owner() as owner:
            return {table: _one(owner, f"select coalesce(max(id), 0) from {table}") for table in [BATCH_TABLE, *SHARED]}

    def seconds_to_copy(self, before: dict[str, int], *, connections: int) -> float:
        """Copy what was stored since ``before``: shared rows first, then 1,000 alerts a transaction."""
        with self._world.owner() as owner:
            shared = [(table, _taken(owner, f"select * from {table} where id > {before[table]}")) for table in SHARED]
            batches = owner.execute(f"select id from {BATCH_TABLE} where id > {before[BATCH_TABLE]} and accepted > 0")
            chunks = [self._chunk(owner, batch) for (batch,) in batches.fetchall()]
            self._copy_names(owner)
        before_copying = self._world.processor_seconds()
        taken = seconds(lambda: self._copy(shared))
        parts = [chunks[at::connections] for at in range(connections)]
        taken += in_parallel([lambda part=part: self._copy_all(part) for part in parts])
        self.processor_seconds = self._world.processor_seconds() - before_copying
        return taken

    def _chunk(self, owner: psycopg.Connection, batch: int) -> list[tuple[str, bytes]]:
        rows = [(BATCH_TABLE, _taken(owner, f"select * from {BATCH_TABLE} where id = {batch}"))]
        for table in OF_BATCH:
            rows.append((table, _taken(owner, OF_BATCH[table].format(batch=batch))))
        return rows

    def _copy_names(self, owner: psycopg.Connection) -> None:
        """Sources and detectors are a handful; they are not timed."""
        for table in ("intake_source", "intake_detectorversion"):
            owner.execute(f"insert into {SCHEMA}.{table} select * from public.{table} on conflict do nothing")

    def _copy_all(self, chunks: list[list[tuple[str, bytes]]]) -> None:
        with self._world.owner() as connection:
            for chunk in chunks:
                with connection.transaction():
                    _copy_in(connection, chunk)

    def _copy(self, chunk: list[tuple[str, bytes]]) -> None:
        with self._world.owner() as connection:
            _copy_in(connection, chunk)


def _copy_in(connection: psycopg.Connection, chunk: list[tuple[str, bytes]]) -> None:
    for table, rows in chunk:
        with connection.cursor() as cursor, cursor.copy(f"copy {SCHEMA}.{table} from stdin") as copy:
            copy.write(rows)


def _taken(owner: psycopg.Connection, query: str) -> bytes:
    """Return the rows of ``query`` as the text that COPY reads."""
    text = BytesIO()
    with owner.cursor() as cursor, cursor.copy(f"copy ({query}) to stdout") as copy:
        for part in copy:
            text.write(part)
    return text.getvalue()


def copy_foreign_keys(owner: psycopg.Connection, table: str, *, schema: str) -> None:
    """Give the copy the keys of its original; they point at the copies, which come first on the search path."""
    owner.execute("set search_path = public")
    keys = owner.execute(
        "select conname, pg_get_constraintdef(oid) from pg_constraint where contype = 'f' and conrelid = %s::regclass",
        [f"public.{table}"],
    ).fetchall()
    owner.execute(f"set search_path = {schema}, public")
    for name, definition in keys:
        statement = sql.SQL("alter table {} add constraint {} {}")
        owner.execute(statement.format(sql.Identifier(schema, table), sql.Identifier(name), sql.SQL(definition)))
    owner.execute("set search_path = public")


def _one(owner: psycopg.Connection, query: str) -> int:
    row = owner.execute(query).fetchone()
    return int(row[0]) if row else 0
