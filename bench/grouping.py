"""Grouping behind routing: what an alert costs beside few and many leaders, in a flood, and where much looks alike."""

import random
import statistics
from collections.abc import Iterator
from itertools import count, islice

import msgspec
from django.db import connection

from bench.copies import copy_foreign_keys
from bench.registry import ROUNDS, Result, at_most, bench, interleaved, seconds
from bench.world import World
from incidents.queues import operations

BATCH = 1_000
LEADERS = {"small": {"few": 20_000, "many": 100_000}, "full": {"few": 100_000, "many": 1_000_000}}
WARM_UP = 10  # batches: right after a checkpoint, each page of an index that is touched is logged whole, once
TURNS = 15
FLOOD = {"small": 4_000, "full": 20_000}
WORDS = 180  # about 1.1 kB
VOCABULARY = 20_000
TABLES = ["queues_group", "queues_groupedtext", "queues_groupkey", "queues_groupmember"]

# One after the other, in a schema of its own; {many} leaders, whose keys are random as those of unlike texts are.
FILL = [
    """
    insert into queues_group (leader_id, version, word_count, size, created_at)
    select (select min(id) from queues_item), 1, {words}, 1, now() from generate_series(1, {many})
    """,
    """
    insert into queues_groupedtext (version, digest, group_id)
    select 1, sha256(('{schema}' || id)::bytea), id from queues_group
    """,
    """
    insert into queues_groupkey (key, group_id)
    select ('x' || left(md5(id || '-' || band), 16))::bit(64)::bigint, id
    from queues_group, generate_series(1, 16) band
    """,
]

WAIT = """
    with texts as (
        select content, nextval(pg_get_serial_sequence('intake_generation', 'id')) as generation
        from unnest(%s::jsonb[]) content
    ), generations as (
        insert into intake_generation (id, namespace, model, deployment, stage, use_case, language, occurred_at,
            received_at)
        overriding system value
        select generation, 'default', '', '', '', '', '', now(), now() from texts
    ), contents as (
        insert into intake_content (generation_id, messages, parameters, digest, lengths)
        select generation, content, '{}', sha256(content::text::bytea), array[length(content -> 0 ->> 'content')]
        from texts
    ), items as (
        insert into queues_item (kind, generation_id, status, verdict, trace, created_at)
        select 'generation', generation, 'open', '', '[]', now() from texts
        returning id
    )
    insert into queues_itemtogroup (item_id) select id from items
"""


@bench("grouping")
def grouping(world: World) -> list[Result]:
    """Fresh texts in turns beside few and many leaders; then a flood and boilerplate beside many."""
    with world.without_background():
        _settle(world)
        for schema, many in LEADERS[world.scale].items():
            _fill(world, schema, many)
        texts = _fresh(random.Random(1))
        for schema in LEADERS[world.scale]:
            for _batch in range(WARM_UP):
                _per_alert(world, schema, texts)
        many, few = interleaved(
            lambda: _per_alert(world, "many", texts), lambda: _per_alert(world, "few", texts), rounds=TURNS
        )
        _search_in("many")
        before = _leaders()
        flood = _drained(world, _flood(random.Random(2)), FLOOD[world.scale])
        new_leaders = _leaders() - before
        boilerplate = _drained(world, _boilerplate(random.Random(3)), BATCH * ROUNDS)
        _search_in("public")
    return [
        Result("grouping", many, 1.0, "ms", at_most(1), note=f"{LEADERS[world.scale]['many']:,} leaders"),
        Result("grouping/growth", many, few, "ms", at_most(1.2)),
        Result("grouping/flood", flood, 1.0, "ms", at_most(1)),
        Result("grouping/flood leaders", new_leaders, 20, "leaders", at_most(1)),
        Result("grouping/boilerplate", boilerplate, 2.0, "ms", at_most(1)),
    ]


def _settle(world: World) -> None:
    """Group what other benches left waiting, and make one item that can lead."""
    _wait(world, ["A first text."])
    _group_all()


def _fill(world: World, schema: str, many: int) -> None:
    """Copy the tables of groups into ``schema`` and fill them; indexes are built at the end, as that is faster."""
    with world.owner() as owner:
        owner.execute(f"create schema {schema}".encode())
        for table in TABLES:
            owner.execute(
                f"create table {schema}.{table} (like public.{table} including all excluding indexes)".encode()
            )
        owner.execute(f"set search_path = {schema}, public".encode())
        for statement in FILL:
            owner.execute(statement.format(many=many, words=WORDS, schema=schema).encode())
        indexes = owner.execute(
            "select indexdef from pg_indexes where schemaname = 'public' and tablename = any(%s)", [TABLES]
        )
        for (definition,) in indexes.fetchall():
            owner.execute(definition.replace(" ON public.", f" ON {schema}.").encode())
        for table in TABLES:
            copy_foreign_keys(owner, table, schema=schema)
        for rights in ("usage on schema", "all on all tables in schema", "all on all sequences in schema"):
            owner.execute(f"grant {rights} {schema} to public".encode())
    with world.owner() as owner:
        owner.autocommit = True
        owner.execute("vacuum analyze " + ", ".join(f"{schema}.{table}" for table in TABLES))


def _per_alert(world: World, schema: str, texts: Iterator[str]) -> float:
    """Return the milliseconds an alert takes in one batch."""
    _wait(world, list(islice(texts, BATCH)))
    _search_in(schema)
    return seconds(_group_all) * 1_000 / BATCH


def _group_all() -> None:
    while operations.group_items():
        pass


def _drained(world: World, texts: Iterator[str], many: int) -> float:
    return statistics.median(_per_alert(world, "many", texts) for _batch in range(many // BATCH))


def _wait(world: World, texts: list[str]) -> None:
    messages = [msgspec.json.encode([{"role": "user", "content": text}]).decode() for text in texts]
    with world.owner() as owner:
        owner.execute(WAIT, [messages])


def _search_in(schema: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"set search_path = {schema}, public")


def _leaders() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from queues_group")
        return int(cursor.fetchone()[0])


# ── Texts ────────────────────────────────────────────────


def _words(source: random.Random, many: int) -> list[str]:
    """Return words of which few are frequent and many are rare."""
    return [f"word{int(VOCABULARY ** source.random())}" for _word in range(many)]


def _fresh(source: random.Random) -> Iterator[str]:
    return (" ".join(_words(source, WORDS)) for _text in count())


def _flood(source: random.Random) -> Iterator[str]:
    """Yield one text over and over, up to a twentieth of its words changed."""
    base = _words(source, WORDS)
    while True:
        words = base.copy()
        for _edit in range(source.randint(1, WORDS // 20)):
            words[source.randrange(WORDS)] = f"new{source.random()}"
        yield " ".join(words)


def _boilerplate(source: random.Random) -> Iterator[str]:
    """Yield texts that share two thirds and differ in the rest: they share keys, and are no near duplicates."""
    shared = _words(source, WORDS * 2 // 3)
    return (" ".join(shared + _words(source, WORDS // 3)) for _text in count())
