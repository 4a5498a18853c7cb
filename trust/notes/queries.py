"""Named reads of notes, mentions and who is where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q, QuerySet

from trust.accounts.models import User
from trust.notes import registry
from trust.notes.models import MentionToRead, Note, NoteQuerySet, Presence
from trust.notes.registry import Subject

MOST_OFFERED: Final = 20
MOST_LOOKED_UP: Final = 200
MOST_NAMED: Final = 5
HERE_FOR: Final = timedelta(minutes=4)  # twice what the page waits between two signs: static/js/lease.js


@dataclass(frozen=True)
class Told:
    """A mention that its person has not read: who wrote it, when, and about what."""

    note: Note
    subject: Subject


def notes_for(subject: Subject, person: User, *, is_kept_back: bool) -> NoteQuerySet:
    """Return the notes on ``subject`` that ``person``, who may open it, may read: all, or only their own."""
    notes = Note.objects.about(subject.kind.model, subject.pk)
    return notes.filter(by=person) if is_kept_back else notes


def called(words: Iterable[str]) -> list[User]:
    """Return the active people whom ``words`` may mean: by first name, e-mail address or its beginning. 1 query."""
    meant = Q()
    for word in words:
        meant |= Q(name__iexact=word) | Q(name__istartswith=f"{word} ")
        meant |= Q(email__iexact=word) | Q(email__istartswith=f"{word}@")
    return list(User.objects.active().filter(meant).order_by("pk")[:MOST_LOOKED_UP]) if meant else []


def offered(subject: Subject, person: User, now: datetime) -> list[User]:
    """Return others who may open ``subject``, so that they can be mentioned. 1 query."""
    return list(subject.readers(now).exclude(pk=person.pk).order_by("name", "pk")[:MOST_OFFERED])


def unread(person: User) -> QuerySet[MentionToRead]:
    """Return what mentions ``person`` and was not read; order it by ``-note_id``, the newest first."""
    return MentionToRead.objects.filter(person=person).select_related("note__by")


def told(rows: Sequence[MentionToRead], person: User, now: datetime) -> list[Told]:
    """Leave out what ``person`` may not open now, or is to judge on their own. At most 2 queries for each kind."""
    found: set[tuple[str, int]] = set()
    for model in {row.note.subject_kind for row in rows}:
        kind = registry.of_model(model)
        ids = {row.note.subject_id for row in rows if row.note.subject_kind == model}
        if kind:
            open_to = registry.visible(kind, person, ids, now) - registry.kept_back(kind, person, ids, now)
            found |= {(model, number) for number in open_to}
    notes = [row.note for row in rows if (row.note.subject_kind, row.note.subject_id) in found]
    kinds = {note.subject_kind: registry.of_model(note.subject_kind) for note in notes}
    return [Told(note, Subject(kind, note.subject_id)) for note in notes if (kind := kinds[note.subject_kind])]


def others_here(subject: Subject, person: User, now: datetime) -> list[User]:
    """Return who else has ``subject`` open, by name. 1 query."""
    here = Presence.objects.filter(
        subject_kind=subject.kind.model, subject_id=subject.pk, seen_at__gt=now - HERE_FOR, person__is_active=True
    )
    found = here.exclude(person=person).select_related("person").order_by("person__name", "pk")
    return [one.person for one in found[:MOST_NAMED]]
