"""What is found, newest first.

How a page is found (docs/decisions/0011): first the newest hours, then days, where frequent words fill a page at
once. What they hold tells how far back a page goes where older days hold as much. Else everything, up to
MOST_COUNTED: for most words that is all there is. What is neither so frequent now nor so rare is walked back from some
days to the days before, asked for by their marks, so that a word gone out of use is found without reading what came
since. Every step asks the one index and sorts what it gave.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import OperationalError, transaction
from django.utils.translation import gettext as _
from psycopg import errors

from incidents.search import counting, queries, registry, vectors
from incidents.search.counting import AT, MOST_COUNTED, OPEN
from incidents.search.models import Kind
from incidents.search.pages import Asked, Counts, Found, Hit
from incidents.search.parsing import Query, alike_by
from incidents.search.vectors import any_of, lexeme
from trust import prepared
from trust.refusals import Refused

PAGE_SIZE: Final = 25  # of results, which cost more to draw than the rows of other lists
NEWEST_HOURS: Final = 6
NEWEST_DAYS: Final = 2
WINDOWS: Final = (2, 15, 120)  # days
AHEAD: Final = timedelta(hours=1)  # clocks differ; what is dated later is found by until: alone
LONGEST_MS: Final = 5_000
WORDS_TRIED, WORDS_OF_LIKE, MOST_OF_A_WORD = 40, 5, 200

_HIT: Final = "d.id, d.kind, d.object_id, d.generation_id, d.at"
_WITHIN: Final = f"""
    d.words @@ %(query)s::tsquery and {AT} between %(since)s::timestamptz and %(until)s::timestamptz and {OPEN}
"""
_UP_TO: Final = f"select {_HIT} from search_document d where {_WITHIN} limit %(most)s"  # noqa: S608  parts of our own
_NEWEST: Final = f"""
    with found as materialized (select {_HIT} from search_document d where {_WITHIN})
    select * from found where (at, id) < (%(before_at)s::timestamptz, %(before_id)s::bigint)
    order by at desc, id desc limit %(most)s
"""  # noqa: S608  parts of our own
# Each part asks of the one before it, which keeps the planner from looking in another order: spans of days, the newest
# first; of those that hold anything each day, then its quarters. What a look costs grows with the rarer of word and
# mark, so one mark for many days is cheap for all but the most frequent words.
_ANY_THERE: Final = """
    cross join lateral (
        with any_there as materialized (
            select from search_document d where d.words @@ (%(query)s::tsquery && ({mark})::tsquery) limit 1)
        select from any_there
    )
"""
_WALK: Final = f"""
    select newest.* from generate_series(
        %(last)s::int / {vectors.DAYS_OF_A_SPAN}, %(first)s::int / {vectors.DAYS_OF_A_SPAN}, -1) as span (number)
    {_ANY_THERE.format(mark="quote_literal('=span=' || span.number)")} a_span
    cross join lateral generate_series(
        least(%(last)s::int, (span.number + 1) * {vectors.DAYS_OF_A_SPAN} - 1),
        greatest(%(first)s::int, span.number * {vectors.DAYS_OF_A_SPAN}), -1) as day (number)
    {_ANY_THERE.format(mark="quote_literal('=day=' || day.number)")} a_day
    cross join lateral (select (day.number - {vectors.FIRST_DAY}) * 24 as hour) midnight
    cross join lateral generate_series(midnight.hour + 18, midnight.hour, -6) as quarter (hour)
    cross join lateral (
        select string_agg(quote_literal('=hour=' || hour), ' | ') as mark
        from generate_series(quarter.hour, quarter.hour + 5) as hour
    ) hours
    cross join lateral (
        with found as materialized (
            select {_HIT} from search_document d
            where d.words @@ (%(query)s::tsquery && hours.mark::tsquery)
                and {AT} between %(since)s::timestamptz and %(until)s::timestamptz and {OPEN})
        select * from found where (at, id) < (%(before_at)s::timestamptz, %(before_id)s::bigint)
        order by at desc, id desc limit %(most)s
    ) newest
    limit %(most)s
"""  # noqa: S608  parts of our own


def search(query: Query, *, by: Any, now: datetime, before: tuple[datetime, int] | None = None) -> Found:
    """Find what ``by`` may see, newest first. Raises Refused when too slow.

    The first page has counts where all that there is was read; else ``count`` is to be asked, which costs as much.
    5 queries for rare words, up to 7 for others, and those of ``registry``.
    """
    with _in_time():
        return _search(query, by, now, before)


def count(query: Query, *, by: Any, now: datetime) -> Counts:
    """Count what ``by`` may see, no further than is of use. 3 queries and those of ``registry``. Raises Refused."""
    with _in_time():
        covered = _covered_time()
        asked = _asked(query, by, now, covered, None) if covered else None
        return counting.counts_of(asked, now) if asked else counting.no_counts()


def alike(generation_id: int, *, verdicts: Iterable[str], most: int) -> list[int]:
    """Return up to ``most`` other generations that are like one and were judged so, none of them restricted.

    Any that are like it, when there are more. 5 queries. Raises Refused when too slow. It asks nobody's rights: tell a
    person only of what they may know.
    """
    with _in_time():
        covered, words = _covered_time(), _like(generation_id)
        if covered is None or not words:
            return []
        judged = any_of(lexeme("verdict", verdict) for verdict in verdicts)
        lexemes = f"{words} & {judged} & {lexeme('kind', Kind.GENERATION)}"
        asked = Asked(lexemes, *covered, (covered[1], 0), sees_all=True, has_beginnings=False)
        found = _hits(_UP_TO, asked.values(most=most + 1))
    return [hit.generation_id for hit in found if hit.generation_id != generation_id][:most]


def generations(query: Query, *, by: Any, now: datetime, most: int) -> list[int]:
    """Return up to ``most`` generations that ``by`` may see, whose text or notes fit; any of them where there are more.

    Up to 6 queries. Raises Refused when too slow.
    """
    with _in_time():
        covered = _covered_time()
        asked = _asked(query, by, now, covered, None) if covered else None
        if asked is None:
            return []
        found = _hits(_UP_TO, asked.values(most=most, also=_time_of(asked, query)))
        return list(dict.fromkeys(hit.generation_id for hit in _visible(found, asked, by, now)))


@contextmanager
def _in_time() -> Iterator[None]:
    """Keep what is done inside within the limits. Raises Refused."""
    try:
        with transaction.atomic():
            _set_limits()
            yield
    except OperationalError as error:
        if not isinstance(error.__cause__, errors.QueryCanceled):
            raise
        sentence = _("This search takes too long. Add a rarer word, or a time such as since:7d.")
        raise Refused(sentence, code="too-slow", status=503) from error


def _set_limits() -> None:
    """Keep statements short, and the planner on the index: how common a word is it cannot know."""
    prepared.rows_of(
        "select set_config('statement_timeout', %s, true), set_config('enable_seqscan', 'off', true), "
        "set_config('work_mem', '32MB', true), set_config('plan_cache_mode', 'force_custom_plan', true)",
        [str(LONGEST_MS)],
    )


def _search(query: Query, by: Any, now: datetime, before: tuple[datetime, int] | None) -> Found:
    covered = _covered_time()
    if covered is None:
        return Found([], None, counting.no_counts())
    asked = _asked(query, by, now, covered, before)
    if asked is None:
        return Found([], None, counting.no_counts())
    rows = _newest(asked)
    whole: list[Hit] | None = None
    if len(rows) <= PAGE_SIZE:
        rows = _at_the_same_rate(asked, rows)
    if len(rows) <= PAGE_SIZE:
        everything = _hits(_UP_TO, asked.values(most=MOST_COUNTED + 1, also=_time_of(asked, query)))
        if len(everything) <= MOST_COUNTED:
            whole = sorted(_visible(everything, asked, by, now), key=lambda hit: hit.place, reverse=True)
            rows = [hit for hit in whole if hit.place < asked.before]
        else:
            rows = _in_windows(asked) if asked.has_beginnings else _walk(asked)
    return _page(rows, whole, asked, by, now, is_first=before is None)


def _page(rows: list[Hit], whole: list[Hit] | None, asked: Asked, by: Any, now: datetime, *, is_first: bool) -> Found:
    seen = rows[:PAGE_SIZE]
    items = registry.openness()(by, list({hit.generation_id for hit in seen}), now)
    older = seen[-1].place if len(rows) > PAGE_SIZE else None
    counts = counting.counts_in(whole, now) if is_first and whole is not None else None
    return Found([(hit, items[hit.generation_id]) for hit in seen if hit.generation_id in items], older, counts)


def _visible(hits: list[Hit], asked: Asked, by: Any, now: datetime) -> list[Hit]:
    """Keep what ``by`` may see, where the index only narrowed to it: a count too must not tell of anything else."""
    if asked.sees_all:
        return hits
    visible = registry.visible()(by, list({hit.generation_id for hit in hits}), now)
    return [hit for hit in hits if hit.generation_id in visible]


def _asked(
    query: Query, by: Any, now: datetime, covered: tuple[datetime, datetime], before: tuple[datetime, int] | None
) -> Asked | None:
    """Join what was typed with what ``by`` may see; None when that cannot be anything."""
    parts = [query.lexemes()]
    reach = registry.reach()(by, now)
    if reach is not None:
        if not reach:
            return None
        parts.append(any_of(lexeme(*mark) for mark in reach))
    if query.like is not None:
        generation = registry.find_item()(by, query.like, now)
        if generation is None:
            sentence = _("like: there is no item %(item)s that you may read.") % {"item": query.like}
            raise Refused(sentence, code="invalid", status=422)
        if not (alike := _like(generation)):
            return None
        parts += [alike, f"!{lexeme('generation', str(generation))}"]  # others, not the item itself
    since, until = max(query.since or covered[0], covered[0]), min(query.until or now + AHEAD, covered[1])
    last = min(until, before[0]) if before else until
    if since > until or since > last:
        return None
    lexemes = " & ".join(f"({part})" for part in parts if part)
    if not lexemes:  # a time alone: every document has a kind
        lexemes = any_of(lexeme("kind", kind) for kind in Kind.values)
    return Asked(
        lexemes,
        since,
        until,
        before or (until + timedelta(microseconds=1), 0),
        sees_all=reach is None,
        has_beginnings=any(part.is_prefix for part in query.parts()),
    )


def _time_of(asked: Asked, query: Query) -> str:
    """Return the marks of the time asked for, where the query gave one: they keep the index from reading the rest."""
    return vectors.between(asked.since, asked.until) if query.since or query.until else ""


def _newest(asked: Asked) -> list[Hit]:
    """Return a page of the newest hours, else of the newest days; less than one where these hold less."""
    last = min(asked.until, asked.before[0])
    hours = vectors.any_hour(vectors.hour_of(last), NEWEST_HOURS)
    rows = _hits(_NEWEST, asked.values(most=PAGE_SIZE + 1, also=hours))
    if len(rows) > PAGE_SIZE or asked.has_beginnings:
        return rows
    days = vectors.between(last - timedelta(days=NEWEST_DAYS), last)
    return _hits(_NEWEST, asked.values(most=PAGE_SIZE + 1, also=days))


def _at_the_same_rate(asked: Asked, newest: list[Hit]) -> list[Hit]:
    """Return a page of the days that it takes if they hold as many as the newest; less where they do not.

    Nothing more is looked for where all that there is may be few enough to be counted.
    """
    last = min(asked.until, asked.before[0])
    looked_at = timedelta(hours=NEWEST_HOURS) if asked.has_beginnings else timedelta(days=NEWEST_DAYS)
    if len(newest) * ((last - asked.since) / looked_at) <= MOST_COUNTED:
        return newest
    enough = looked_at * (2 * (PAGE_SIZE + 1) / len(newest))
    days = vectors.between(max(last - enough, asked.since), last)
    return _hits(_NEWEST, asked.values(most=PAGE_SIZE + 1, also=days))


def _walk(asked: Asked) -> list[Hit]:
    """Go back from span to span, and in those that hold anything from day to day and quarter to quarter."""
    first, last = vectors.day_of(asked.since), vectors.day_of(min(asked.until, asked.before[0]))
    values = asked.values(most=PAGE_SIZE + 1) | {"first": first, "last": last}
    return sorted(_hits(_WALK, values), key=lambda hit: hit.place, reverse=True)


def _in_windows(asked: Asked) -> list[Hit]:
    """Look into ever longer windows back from the newest: few looks, since each is dear, at the price of more rows."""
    last = min(asked.until, asked.before[0])
    for days in WINDOWS:
        first = max(asked.since, last - timedelta(days=days))
        rows = _hits(_NEWEST, asked.values(most=PAGE_SIZE + 1, also=vectors.between(first, last)))
        if len(rows) > PAGE_SIZE or first == asked.since:
            return rows
    return _hits(_NEWEST, asked.values(most=PAGE_SIZE + 1))


def _hits(statement: str, values: dict[str, Any]) -> list[Hit]:
    return [Hit(*row) for row in prepared.rows_of(statement, values)]


def _covered_time() -> tuple[datetime, datetime] | None:
    [(first, last)] = prepared.rows_of("select min(at), max(at) from search_document", [])
    return (first, last) if first is not None else None


# ── Alike ────────────────────────────────────────────────

_FREQUENCY: Final = """
    select word, (select count(*) from (
        select from search_document d where d.words @@ word::tsquery limit %s) counted)
    from unnest(%s::text[]) as word
"""


def _like(generation_id: int) -> str:
    """Return the query for what shares one of the two rarest words of a generation and another rare one. 2 queries.

    Words that stand nowhere else say nothing, unless there is no other. "" without any word.
    """
    texts = [part for text in queries.texts_of([generation_id]) for part in text.parts]
    words = vectors.distinct_words(texts, most=WORDS_TRIED)
    rows = prepared.rows_of(_FREQUENCY, [MOST_OF_A_WORD, list(words)])
    ranked = sorted((many, -len(word), word) for word, many in rows)
    shared = [word for many, _length, word in ranked if many > 1] or [word for *_rank, word in ranked]
    return alike_by(shared[:WORDS_OF_LIKE]) if shared else ""
