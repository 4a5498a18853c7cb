"""Every write of notes: writing, taking back, reading, and who is where."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from trust import clock
from trust.accounts.models import User
from trust.audit.operations import record
from trust.notes import mentions, queries, registry, rules
from trust.notes.models import Mention, MentionToRead, Note, Presence, Resolution, Withdrawal
from trust.notes.registry import Subject
from trust.refusals import Refused


def write(
    subject: Subject, *, text: str, amends: Note | None = None, idempotency_key: str | None = None, by: User
) -> tuple[Note, bool]:
    """Write a note on ``subject``, instead of the one that it ``amends``; return it, and whether it is new.

    What was sent before under the same key is returned again. Raises Refused, with ``errors`` by field.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if earlier := _sent_before(subject, text, idempotency_key, by):
        return earlier, False
    note = Note(
        subject_kind=subject.kind.model,
        subject_id=subject.pk,
        by=by,
        at=clock.now(),
        text=text,
        amends=amends,
        idempotency_key=idempotency_key,
    )
    try:
        return _make(note, subject), True
    except IntegrityError:  # at the same moment
        if earlier := _sent_before(subject, text, idempotency_key, by):
            return earlier, False
        if amends and Note.objects.filter(amends=amends).exists():
            raise Refused(_("This note was amended already; amend the newer one.")) from None
        raise


@transaction.atomic
def take_back(note: Note, *, by: User) -> Withdrawal:
    """Take a note back: its text is shown to nobody any more. Raises Refused."""
    subject = registry.subject_of(note.subject_kind, note.subject_id)
    is_withdrawn = Withdrawal.objects.filter(note=note).exists()
    is_visible = subject.is_visible_to(by, clock.now())
    if reason := rules.refusal_to_take_back(note, by, is_visible=is_visible, is_withdrawn=is_withdrawn):
        raise Refused(reason)

    try:
        with transaction.atomic():
            withdrawal = Withdrawal.objects.create(note=note, by=by, at=clock.now())
    except IntegrityError:  # at the same moment
        raise Refused(_("This note was taken back already.")) from None
    MentionToRead.objects.filter(note=note).delete()
    record("note.taken_back", on=[subject.row, note], by=by)
    return withdrawal


@transaction.atomic
def resolve(note: Note, *, by: User) -> Resolution:
    """Say that what a note asked for is settled. Raises Refused."""
    subject = registry.subject_of(note.subject_kind, note.subject_id)
    is_visible = subject.is_visible_to(by, clock.now())
    is_resolvable = subject.kind.is_resolvable
    if reason := rules.refusal_to_resolve(note, by, is_visible=is_visible, is_resolvable=is_resolvable):
        raise Refused(reason)

    try:
        with transaction.atomic():
            resolution = Resolution.objects.create(note=note, by=by, at=clock.now())
    except IntegrityError:  # at the same moment
        raise Refused(_("This is settled already.")) from None
    record("note.resolved", on=[subject.row, note], by=by)
    return resolution


def read(subject: Subject, *, by: User) -> None:
    """Note that ``by`` opened ``subject``: what mentions them there is read. 1 query."""
    notes = Note.objects.about(subject.kind.model, subject.pk)
    MentionToRead.objects.filter(person=by, note__in=notes).delete()


def be_here(subject: Subject, *, by: User) -> list[User]:
    """Note that ``by`` has ``subject`` open, and return who else has. 4 queries.

    Who is to judge it on their own neither sees nor is seen.
    """
    now = clock.now()
    if subject.is_kept_back_from(by, now):
        Presence.objects.filter(person=by).delete()
        return []
    place = {"subject_kind": subject.kind.model, "subject_id": subject.pk, "seen_at": now}
    Presence.objects.bulk_create(
        [Presence(person=by, **place)], update_conflicts=True, unique_fields=["person"], update_fields=list(place)
    )
    return queries.others_here(subject, by, now)


def leave(subject: Subject, *, by: User) -> None:
    """Note that ``by`` closed ``subject``; nothing when they are elsewhere by now. 1 query."""
    Presence.objects.filter(person=by, subject_kind=subject.kind.model, subject_id=subject.pk).delete()


@transaction.atomic
def _make(note: Note, subject: Subject) -> Note:
    now, by = clock.now(), note.by
    if reason := rules.refusal_to_write(by, is_visible=subject.is_visible_to(by, now)):
        raise Refused(reason, status=403, code="not-allowed")
    if reason := rules.refusal_of_text(note.text):
        raise _invalid(reason)
    if note.amends and (reason := _refusal_to_amend(note.amends, subject, by)):
        raise Refused(reason)
    people = _mentioned(note.text, subject, by)

    note.save(force_insert=True)
    Mention.objects.bulk_create([Mention(note=note, person=person) for person in people])
    MentionToRead.objects.bulk_create([MentionToRead(note=note, person=person) for person in people])
    if note.amends:
        MentionToRead.objects.filter(note=note.amends).delete()
    data = {"amends": note.amends_id} if note.amends_id else {}
    record("note.written", on=[subject.row, note, *people], by=by, data=data)
    return note


def _refusal_to_amend(note: Note, subject: Subject, by: User) -> str | None:
    if (note.subject_kind, note.subject_id) != (subject.kind.model, subject.pk):
        return _("This note is about something else.")
    is_withdrawn = Withdrawal.objects.filter(note=note).exists()
    is_amended = Note.objects.filter(amends=note).exists()
    return rules.refusal_to_amend(note, by, is_withdrawn=is_withdrawn, is_amended=is_amended)


def _mentioned(text: str, subject: Subject, by: User) -> list[User]:
    """Return whom ``text`` names, without ``by``. 1 query for the names, 1 for each person. Raises Refused."""
    now, words = clock.now(), mentions.words(text)
    if not words:
        return []
    if reason := rules.refusal_of_mentions(words, is_kept_back=subject.is_kept_back_from(by, now)):
        raise _invalid(reason)
    named = mentions.named(text, queries.called(words))
    people = [person for person in named.people if person.pk != by.pk]
    blind = [person for person in people if not subject.is_visible_to(person, now)]
    if reason := rules.refusal_of_names(named) or rules.refusal_to_mention(blind):
        raise _invalid(reason)
    return people


def _sent_before(subject: Subject, text: str, key: str | None, by: User) -> Note | None:
    if key is None:
        return None
    earlier = Note.objects.filter(by=by, idempotency_key=key).first()
    if earlier is None:
        return None
    if (earlier.subject_kind, earlier.subject_id, earlier.text) == (subject.kind.model, subject.pk, text):
        return earlier
    raise Refused(_("This was sent before with another text."), code="idempotency-key-reused")


def _invalid(reason: str) -> Refused:
    return Refused(reason, code="invalid", status=422, errors={"text": [reason]})
