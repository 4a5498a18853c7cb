"""Every write of search: what waits to be indexed, the documents, how often a person searches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db import connection, models, transaction

from incidents.search import queries, registry
from incidents.search.models import Document, Kind, SearchUse
from incidents.search.vectors import Mark, time_marks, vector_of
from trust import clock, prepared
from trust.accounts.models import User
from trust.audit.operations import record
from trust.celery import hint

BATCH: Final = 1_000
MOST_CHARACTERS: Final = 2_000_000  # of a batch, so that long texts do not fill the memory
SEARCHES_A_MINUTE: Final = 60
COUNTED_FOR: Final = timedelta(minutes=10)  # a minute is enough; clocks differ

_TAKE: Final = """
    with waiting as (
        select id, generation_id from search_generationtoindex order by id limit %s for update skip locked
    ), sized as (
        select waiting.id, size, sum(size) over (order by waiting.id) as running
        from waiting
        left join intake_content c on c.generation_id = waiting.generation_id
        cross join lateral (select coalesce(sum(length), 0) as size from unnest(c.lengths) length) whole
    )
    delete from search_generationtoindex t using sized where t.id = sized.id and running - size < %s
    returning t.generation_id
"""

# What a statement of another room's begins with that changes what is known of generations: a select of them follows.
WAIT: Final = "insert into search_generationtoindex (generation_id)"


class NewDocument(NamedTuple):
    kind: str
    object_id: int
    generation_id: int
    at: datetime
    words: str


def wait_for_index(generation_ids: Collection[int]) -> None:
    """Note that what is known of generations changed, and wake the indexing. Call it where they change."""
    if generation_ids:
        _write(
            f"{WAIT} select unnest(%b::bigint[]) returning 1",
            list(generation_ids),
        )
        hint("incidents.search.tasks.index")


@transaction.atomic
def index_documents(limit: int = BATCH) -> int:
    """Make the documents of up to ``limit`` waiting generations anew and return how many were taken off the list.

    One process at a time: another finds nothing to do. Restricted generations have no documents.
    """
    if not _is_alone():
        return 0
    taken = [generation for (generation,) in _write(_TAKE, limit, MOST_CHARACTERS)]
    if taken:
        generation_ids = sorted(set(taken))
        documents = _documents_of(generation_ids)
        _delete_others(generation_ids, documents)
        _store(documents)
    return len(taken)


@transaction.atomic
def drop(generation_ids: Sequence[int]) -> None:
    """Take generations that became restricted out of the index, with the notes on them.

    They are looked at once more by the indexing, since it may be storing one at this very moment.
    """
    Document.objects.filter(generation__in=generation_ids).delete()
    wait_for_index(generation_ids)


def reindex(*, most: int) -> int:
    """Index up to ``most`` generations that have no document, newest first. Return how many."""
    missing = queries.generations_without_documents(most)
    for start in range(0, len(missing), BATCH):
        wait_for_index(missing[start : start + BATCH])
        while index_documents():
            pass
    return len(missing)


def count_search(by: User) -> float | None:
    """Count one search of ``by`` in this minute. Return the seconds to wait once the limit is passed, else None."""
    return _count_use(by, searches=1)


def count_counting(by: User) -> float | None:
    """Count that ``by`` asked how many there are: as often as one may search, beside it."""
    return _count_use(by, counts=1)


def _count_use(by: User, *, searches: int = 0, counts: int = 0) -> float | None:
    statement = """
        insert into search_searchuse as used (person_id, minute, searches, counts)
        values (%s, date_trunc('minute', now()), %s, %s)
        on conflict (person_id, minute)
            do update set searches = used.searches + excluded.searches, counts = used.counts + excluded.counts
        returning greatest(searches, counts), 60 - extract(second from now())::int
    """
    [(most, seconds_left)] = _write(statement, by.pk, searches, counts)
    return float(seconds_left) if most > SEARCHES_A_MINUTE else None


def forget_searches() -> int:
    """Forget how often people searched in minutes that count no more. Return how many rows that were."""
    past = SearchUse.objects.filter(minute__lt=clock.now() - COUNTED_FOR)
    some = past.values("pk")[:BATCH]
    deleted, _by_model = SearchUse.objects.filter(pk__in=some).delete()
    return deleted


@transaction.atomic
def note_reveal(document: Document, item: models.Model, *, by: User) -> None:
    """Record that ``by`` was shown what a search found in ``item``."""
    actor = getattr(item, "actor", None)
    data = {"claimed": False, "search": document.kind}
    record("content.viewed", on=[item, actor] if actor else [item], by=by, data=data)


# ── Parts ────────────────────────────────────────────────


def _is_alone() -> bool:
    [(is_alone,)] = _write("select pg_try_advisory_xact_lock(hashtext('search'), hashtext('index'))")
    return bool(is_alone)


def _documents_of(generation_ids: Sequence[int]) -> list[NewDocument]:
    texts = {text.generation_id: text for text in queries.texts_of(generation_ids)}
    marks: defaultdict[int, set[Mark]] = defaultdict(set)
    for generation, name, value in registry.marks_of(list(texts)):
        marks[generation].add((name, value))
    documents = []
    for identity, text in texts.items():
        marks[identity] |= {*text.marks(), ("generation", str(identity))}
        own = {*marks[identity], *time_marks(text.at), ("kind", Kind.GENERATION.value)}
        documents.append(NewDocument(Kind.GENERATION, identity, identity, text.at, vector_of(text.parts, own)))
    for note in registry.notes_of(list(texts)):
        own = {*marks[note.generation_id], *time_marks(note.at), ("kind", Kind.NOTE.value)}
        words = vector_of([note.text], own)
        documents.append(NewDocument(Kind.NOTE, note.object_id, note.generation_id, note.at, words))
    return documents


def _delete_others(generation_ids: Sequence[int], documents: Sequence[NewDocument]) -> None:
    """Delete what is no longer there: notes of decisions that were taken back, all of a restricted generation."""
    _write(
        """
        delete from search_document d where d.generation_id = any(%b::bigint[]) and not exists (
            select from unnest(%b::text[], %b::bigint[]) as kept (kind, object_id)
            where kept.kind = d.kind and kept.object_id = d.object_id)
        returning 1
        """,
        list(generation_ids),
        [document.kind for document in documents],
        [document.object_id for document in documents],
    )


def _store(documents: Sequence[NewDocument]) -> None:
    _write(
        """
        insert into search_document (kind, object_id, generation_id, at, words)
        select kind, object_id, generation_id, at, words::tsvector
        from unnest(%b::text[], %b::bigint[], %b::bigint[], %b::timestamptz[], %b::text[])
            as new (kind, object_id, generation_id, at, words)
        on conflict (kind, object_id) do update set at = excluded.at, words = excluded.words
            where search_document.words is distinct from excluded.words
        returning 1
        """,
        *([list(column) for column in zip(*documents, strict=True)] or [[]] * 5),
    )


def _write(statement: str, *values: object) -> list[tuple[Any, ...]]:
    if not connection.in_atomic_block:
        with transaction.atomic():
            return prepared.rows_of(statement, values)
    return prepared.rows_of(statement, values)
