"""Many documents over ninety days, in texts of about 1.1 kB whose special words are as frequent as their names say."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec

from bench.world import World
from incidents.search import vectors

DAYS = 90
MANY = {"small": 100_000, "full": 1_000_000}
WORDS, VOCABULARY = 180, 20_000
SEED_NAME = "bench-search"

# Share of the documents that have it, and from which to which day before now.
SPECIAL = {
    "seldom": (0.0001, 0, DAYS),
    "rarely": (0.0002, 0, DAYS),
    "midword": (0.0055, 0, DAYS),
    "midother": (0.006, 0, DAYS),
    "common": (0.22, 0, DAYS),
    "usual": (0.25, 0, DAYS),
    "fewgone": (0.045, DAYS - 10, DAYS),
    "manygone": (0.9, DAYS - 20, DAYS),
}
TOGETHER = {"midword midother": 0.001, "common midword": 0.0005, "usual common": 0.01}  # phrases besides

TABLES = ["intake_generation", "intake_content", "queues_item", "search_document"]
INDEX = "document_words"
GENERATION = """
    intake_generation (id, namespace, external_id, model, deployment, stage, use_case, language, occurred_at,
        received_at)
"""
COLUMNS = [
    GENERATION,
    "intake_content (generation_id, messages, parameters, digest, lengths)",
    "queues_item (id, kind, generation_id, status, verdict, trace, created_at)",
    "search_document (kind, object_id, generation_id, at, words)",
]


def fill(world: World) -> None:
    """Write generations, contents, items and documents as the owner, once; the index of words is built at the end."""
    if "search" in world.facts:
        return
    with world.owner() as owner:
        owner.execute("set session_replication_role = replica")
        (definition,) = owner.execute("select indexdef from pg_indexes where indexname = %s", [INDEX]).fetchone()  # type: ignore[misc]
        owner.execute(f"drop index {INDEX}".encode())
        first = _first_id(owner)
        _copy_all(owner, first, MANY[world.scale])
        owner.execute("set maintenance_work_mem = '256MB'")
        owner.execute(definition.encode())
    with world.owner() as owner:
        owner.autocommit = True
        owner.execute(f"vacuum analyze {', '.join(TABLES)}".encode())
    world.facts["search"] = MANY[world.scale]


def texts(source: random.Random, age: float) -> str:
    """Return one text from ``age`` days before now."""
    pool = _pool()
    words = " ".join(source.choices(pool, k=WORDS // 30))
    special = [
        word for word, (share, first, last) in SPECIAL.items() if first <= age < last and source.random() < share
    ]
    phrases = [phrase for phrase, share in TOGETHER.items() if source.random() < share]
    source.shuffle(special)
    return " ".join([*(f"{word} x{source.randrange(50)}" for word in special), words, *phrases])


_made: list[str] = []


def _pool() -> list[str]:
    """Return pieces of thirty words, of which few are frequent and many are rare."""
    if not _made:
        source = random.Random(7)
        _made.extend(
            " ".join(f"word{int(VOCABULARY ** source.random())}" for _word in range(30)) for _piece in range(20_000)
        )
    return _made


def _first_id(owner: object) -> int:
    statement = "select greatest(max(g.id), max(i.id), 0) + 1 from intake_generation g full join queues_item i on false"
    return int(owner.execute(statement).fetchone()[0] or 1)  # type: ignore[attr-defined]


def _copy_all(owner: object, first: int, many: int) -> None:
    now, source = datetime.now(UTC), random.Random(1)
    for start in range(0, many, 20_000):
        rows = [_row(first + number, number, many, now, source) for number in range(start, min(start + 20_000, many))]
        for place, table in enumerate(COLUMNS):
            _copy(owner, table, (row[place] for row in rows))
    for table in ("intake_generation", "queues_item"):
        owner.execute(f"select setval(pg_get_serial_sequence('{table}', 'id'), {first + many})")  # type: ignore[attr-defined]


def _row(identity: int, number: int, many: int, now: datetime, source: random.Random) -> tuple[tuple[object, ...], ...]:
    at = now - timedelta(days=DAYS) * ((many - number) / many)
    text = texts(source, (now - at) / timedelta(days=1))
    marks = {
        ("kind", "generation"), ("generation", str(identity)), ("actor", f"acct_{number % 5000}"),
        ("queue", f"queue-{number % 20}"), ("language", "en"), ("model", f"model-{number % 4}"),
        ("detector", f"detector-{number % 6}"), ("source", "bench"), *vectors.time_marks(at),
    }  # fmt: skip
    messages = msgspec.json.encode([{"role": "user", "content": text}]).decode()
    name = f"{SEED_NAME}-{identity}"
    return (
        (identity, "default", name, "model-1", "playground", "", "chat", "en", at, at),
        (identity, messages, "{}", b"\0" * 32, [len(text)]),
        (identity, "generation", identity, "open", "", "[]", at),
        ("generation", identity, identity, at, vectors.vector_of([text], marks)),
    )


def _copy(owner: object, table: str, rows: Iterator[tuple[object, ...]]) -> None:
    with owner.cursor() as cursor, cursor.copy(f"copy {table} from stdin") as copy:  # type: ignore[attr-defined]
        for row in rows:
            copy.write_row(row)
