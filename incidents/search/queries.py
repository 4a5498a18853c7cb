"""Reads of the texts that are indexed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final, NamedTuple

import msgspec
from django.db import connection

from incidents.intake.formats.native import Message
from incidents.search import registry
from incidents.search.models import Document, Kind
from incidents.search.vectors import Mark
from trust import prepared

_messages = msgspec.json.Decoder(list[Message]).decode


@dataclass(frozen=True)
class Text:
    """The text of a generation and what it came with."""

    generation_id: int
    at: datetime
    actor: str
    model: str
    language: str
    detectors: list[str]
    sources: list[str]
    stored: str

    @cached_property
    def messages(self) -> list[Message]:
        return _messages(self.stored)

    @property
    def parts(self) -> list[str]:
        return [message.content for message in self.messages]

    def marks(self) -> set[Mark]:
        several = {"detector": self.detectors, "source": self.sources}
        single = {"actor": self.actor, "model": self.model, "language": self.language}
        marks = {(name, value) for name, values in several.items() for value in values}
        return marks | {(name, value) for name, value in single.items() if value}


_TEXTS: Final = """
    select g.id, g.occurred_at, coalesce(a.external_id, ''), g.model, g.language,
        array(select distinct v.name from intake_alert alert
            join intake_detectorversion v on v.id = alert.detector_version_id where alert.generation_id = g.id),
        array(select distinct s.slug::text from intake_alert alert
            join intake_source s on s.id = alert.source_id where alert.generation_id = g.id),
        c.messages::text
    from intake_generation g
    join intake_content c on c.generation_id = g.id
    left join actors_actor a on a.id = g.actor_id
    where g.id = any(%b::bigint[])
        and not exists (select from intake_restriction r where r.generation_id = g.id)
"""


def texts_of(generation_ids: Sequence[int]) -> Iterable[Text]:
    """Read the texts of generations that are not restricted. One query."""
    for row in prepared.rows_of(_TEXTS, [list(generation_ids)]):
        yield Text(*row)


def texts_of_document(document: Document) -> list[tuple[str, str]]:
    """Return (role, text) of the messages of a document, or of the note with an empty role; none when it is gone."""
    texts = list(texts_of([document.generation_id]))
    if document.kind == Kind.GENERATION:
        return [(message.role, message.content) for text in texts for message in text.messages]
    notes = registry.notes_of([text.generation_id for text in texts])
    return [("", note.text) for note in notes if note.object_id == document.object_id]


class Facts(NamedTuple):
    """What may be said of a generation before its text is revealed. ``lengths`` of its messages, in characters."""

    generation_id: int
    model: str
    language: str
    lengths: list[int]


def facts_of(generation_ids: Collection[int]) -> dict[int, Facts]:
    """Return the facts of generations, by id. One query."""
    statement = """
        select g.id, g.model, g.language, c.lengths from intake_generation g
        join intake_content c on c.generation_id = g.id where g.id = any(%b::bigint[])
    """
    rows = map(Facts._make, prepared.rows_of(statement, [list(generation_ids)]))
    return {facts.generation_id: facts for facts in rows}


def generations_without_documents(most: int) -> list[int]:
    """Return open generations that search does not know, newest first. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select g.id from intake_generation g
            where not exists (select from search_document d where d.generation_id = g.id)
                and not exists (select from intake_restriction r where r.generation_id = g.id)
            order by g.id desc limit %s
            """,
            [most],
        )
        return [identity for (identity,) in cursor.fetchall()]
