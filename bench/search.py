"""Search beside many documents: in SQL, over HTTP, how fast the index fills, how far it lags, what intake loses."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from random import Random
from typing import Any
from urllib.parse import urlencode

import msgspec
from django.utils import timezone

from bench import intake, search_texts
from bench.intake import BATCH, BATCHES, alerts_per_second
from bench.registry import ROUNDS, Result, at_least, at_most, bench, interleaved, seconds
from bench.world import Visitor, World
from incidents.search import finding, operations, parsing
from incidents.search.models import Document
from tests.factories import make_user
from trust import prepared

TURNS = 9
COUNTED_APART = ("mid", "common", "gone, many", "begin*", "phrase, usual")
VISITS = 15
LOOK_UPS = 50
FILLED = 5_000
BURST = 50_000
SECONDS_BEHIND = 60

WORDS, FILTERED, PHRASE = 10, 25, 40  # bars over HTTP
# (what is typed, its bar in SQL, its bar over HTTP)
QUERIES = {
    "rare": ("seldom", 30, WORDS),
    "mid": ("midword", 30, WORDS),
    "common": ("common", 30, WORDS),
    "mid and mid": ("midword midother", 30, WORDS),
    "common and rare": ("common seldom", 30, WORDS),
    "common and mid": ("common midword", 60, WORDS),
    "gone, few": ("fewgone", 250, WORDS),
    "gone, many": ("manygone", 250, WORDS),
    "nothing": ("nowhere", 30, WORDS),
    "begin*": ("midw*", 60, WORDS),
    "with actor": ("midword actor:acct_7", 30, FILTERED),
    "with queue": ("midword queue:queue-3", 80, FILTERED),
    "common, queue": ("common queue:queue-3", 80, FILTERED),
    "7 days": ("midword since:7d", 60, FILTERED),
    "common, 7 days": ("common since:7d", 60, FILTERED),
    "phrase, mid": ('"midword midother"', 400, PHRASE),
    "phrase, common": ('"common midword"', 400, PHRASE),
    "phrase, usual": ('"usual common"', 1_000_000, PHRASE),  # in SQL one second, see below
}

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
    )
    insert into search_generationtoindex (generation_id) select generation from texts
"""


@bench("search")
def search(world: World) -> list[Result]:
    """First pages beside many documents, and their counts, in SQL against a row looked up by key."""
    with world.without_background():
        search_texts.fill(world)
        lead = make_user(role="lead")
        look_up = _look_up()
        results = []
        for name, (text, bar, _http) in QUERIES.items():
            page, limit = interleaved(lambda text=text: _in_sql(text, lead), look_up, rounds=TURNS)
            results.append(_of_sql(f"search/{name}", page, limit, bar))
        counted = statistics.median(_in_sql("common", lead, ask=finding.count) for _turn in range(TURNS))
    many = f"{search_texts.MANY[world.scale]:,} documents"
    return [*results, Result("search/counts", counted, 1000, "ms", at_most(1), note=many)]


@bench("search_http")
def search_http(world: World) -> list[Result]:
    """The same over HTTP with rows, and the counts that it then asks for, against a page that looks one row up."""
    with world.without_background():
        search_texts.fill(world)
        row = f"/bench/row/{Document.objects.order_by('pk').first().generation_id}/"  # type: ignore[union-attr]
        pages = [_of_http(world, name, text, bar, row) for name, (text, _sql, bar) in QUERIES.items()]
        return [*pages, *(_of_counts(world, name) for name in COUNTED_APART)]


@bench("search_fill")
def search_fill(world: World) -> list[Result]:
    """Documents a second beside many, then a burst: how long until all of it can be found."""
    with world.without_background():
        search_texts.fill(world)
        while operations.index_documents():
            pass
        source, slowest, spent = Random(3), 0.0, 0.0
        for _batch in range(FILLED // operations.BATCH):
            _wait(world, [search_texts.texts(source, 0) for _text in range(operations.BATCH)])
            taken = seconds(operations.index_documents)
            spent, slowest = spent + taken, max(slowest, taken)
    behind = _seconds_behind(world)
    note = f"slowest batch {slowest:.1f} s"
    return [
        Result("search_fill", FILLED / spent, 1_500, "rows/s", at_least(1), note=note),
        Result("search_fill/behind", behind, SECONDS_BEHIND, "s", at_most(1), note=f"after {BURST:,} alerts"),
    ]


@bench("search_intake")
def search_intake(world: World) -> list[Result]:
    """Acceptance while worker and scheduler run, with the index kept up and with it kept still, in turns."""
    key, numbers = world.key("intake", source="bench-search"), iter(range(10**6))

    def rate() -> float:
        return alerts_per_second(world, key, intake.bodies(f"search-{next(numbers)}"))

    def rate_without() -> float:
        with _index_kept_still(world):
            return rate()

    rate()
    with_search, without = interleaved(rate, rate_without, rounds=ROUNDS)
    return [Result("search_intake", with_search, without, "alerts/s", at_least(0.9))]


# ── Parts ────────────────────────────────────────────────


def _of_sql(name: str, page: float, limit: float, bar: int) -> Result:
    if bar > 1000:
        return Result(name, page, 1000, "ms", at_most(1))
    return Result(name, page, limit, "ms", at_most(bar))


def _look_up() -> Callable[[], float]:
    ids = list(Document.objects.order_by("-pk").values_list("pk", flat=True)[:LOOK_UPS])

    def look_up() -> float:
        begun = time.perf_counter()
        for one in ids:
            prepared.rows_of("select * from search_document where id = %s", [one])
        return (time.perf_counter() - begun) * 1000 / LOOK_UPS

    return look_up


def _in_sql(text: str, by: Any, *, ask: Callable[..., Any] = finding.search) -> float:
    """Return the milliseconds that the statements of the first page, or of its counts, take."""
    with _timed() as spent:
        now = timezone.now()
        ask(parsing.parse(text, now), by=by, now=now)
    return sum(spent) * 1000


@contextmanager
def _timed() -> Iterator[list[float]]:
    """Time every statement of search, where it is sent."""
    spent: list[float] = []
    original = prepared.rows_of

    def rows_of(*arguments: Any) -> list[tuple[Any, ...]]:
        begun = time.perf_counter()
        rows = original(*arguments)
        spent.append(time.perf_counter() - begun)
        return rows

    prepared.rows_of = rows_of
    try:
        yield spent
    finally:
        prepared.rows_of = original


def _of_http(world: World, name: str, text: str, bar: int, row: str) -> Result:
    """Ask as a lead of its own: a person may search sixty times a minute."""
    visitor = world.visitor(make_user(role="lead"))
    path = f"/search/?{urlencode({'q': text})}"
    visitor.get(path)
    visitor.get(row)
    page, limit = interleaved(lambda: _visit(visitor, path), lambda: _visit(visitor, row), rounds=VISITS)
    return Result(f"search_http/{name}", page, limit, "ms", at_most(bar))


def _of_counts(world: World, name: str) -> Result:
    visitor = world.visitor(make_user(role="lead"))
    path = f"/search/counts/?{urlencode({'q': QUERIES[name][0]})}"
    spent = [_visit(visitor, path) for _turn in range(VISITS)]
    return Result(f"search_http/counts, {name}", statistics.median(spent), 1000, "ms", at_most(1))


def _visit(visitor: Visitor, path: str) -> float:
    return seconds(lambda: visitor.get(path)) * 1000


def _wait(world: World, texts: list[str]) -> None:
    messages = [msgspec.json.encode([{"role": "user", "content": text}]).decode() for text in texts]
    with world.owner() as owner:
        owner.execute(WAIT, [messages])


def _seconds_behind(world: World) -> float:
    """Send a burst and return how long after its last answer everything is routed and indexed."""
    key, bodies = world.key("intake", source="bench-burst"), []
    for number in range(BURST // (BATCH * BATCHES) + 1):
        bodies += intake.bodies(f"burst-{number}")
    alerts_per_second(world, key, list(islice(bodies, BURST // BATCH)))
    begun = time.perf_counter()
    with world.owner() as owner:
        owner.autocommit = True
        while time.perf_counter() - begun < 10 * SECONDS_BEHIND:
            row = owner.execute(
                "select exists (select from intake_alerttoroute) or exists (select from search_generationtoindex)"
            ).fetchone()
            if row and not row[0]:
                break
            time.sleep(0.1)
    return time.perf_counter() - begun


@contextmanager
def _index_kept_still(world: World) -> Iterator[None]:
    """Hold the lock of the indexing, so that every sweep leaves at once."""
    with world.owner() as owner:
        owner.execute("select pg_advisory_xact_lock(hashtext('search'), hashtext('index'))")
        yield
