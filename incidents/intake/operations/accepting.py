"""Taking alerts in: all that a body holds, in one transaction, a thousand at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from django.db import IntegrityError, OperationalError, transaction
from django.utils.translation import gettext as _
from psycopg import errors

from incidents.actors import operations as actors
from incidents.intake import queries
from incidents.intake.formats.reader import Found, Reader, Record, Unread
from incidents.intake.models import Batch, Source
from incidents.intake.operations import rejecting, storing, tallying
from incidents.intake.operations.arriving import Arrival
from incidents.intake.operations.lines import Lines
from incidents.intake.operations.rejecting import Rejection
from trust import clock
from trust.accounts.models import ApiKey, User
from trust.audit.operations import record
from trust.celery import hint

CHUNK: Final = 1_000
LARGEST_CHUNK: Final = 32 * 1024 * 1024  # characters of rows
MOST_TRIES: Final = 20

T = TypeVar("T")


@dataclass(frozen=True)
class Receipt:
    """What became of a body. ``differs`` are the places of repeats that do not say what the first one said."""

    batch: int
    accepted: int
    duplicates: int
    differs: list[int]
    rejected: list[Rejection]


@dataclass
class Added:
    """What became of some records, by their places among them: one place for each alert that a record holds.

    ``repeated`` are the external ids of ``duplicates``, in their order.
    """

    accepted: list[int] = field(default_factory=list)
    duplicates: list[int] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    differs: list[int] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)


def accept(
    records: Sequence[Record], *, source: str, via_key: ApiKey | None = None, reader: Reader | None = None
) -> Receipt:
    """Store the alerts that are new and well formed, all durably or none. A bad record never stops its neighbours.

    ``records`` are JSON text or parsed, native alerts unless ``reader`` says otherwise; ``source`` is a slug. Wakes
    routing.
    """
    return _until_known(lambda: _accept(records, source, via_key, reader or Reader()))


@transaction.atomic
def _accept(records: Sequence[Record], slug: str, via_key: ApiKey | None, reader: Reader) -> Receipt:
    batch = open_batch(source=slug, reader=reader, via_key=via_key)
    added = _add(batch, records, reader)
    close_batch(batch, by=via_key.owner if via_key else None)
    return Receipt(batch.pk, len(added.accepted), len(added.duplicates), added.differs, added.rejected)


def open_batch(*, source: str, reader: Reader, via_key: ApiKey | None = None) -> Batch:
    """Begin a batch that ``add`` fills, in one transaction or in many; ``close_batch`` records it."""
    now = clock.now()
    home, _is_new = Source.objects.get_or_create(slug=source, defaults={"created_at": now})
    return Batch.objects.create(
        source=home, key_id=via_key.pk if via_key else None, received_at=now, format=reader.format.slug
    )


def add(batch: Batch, records: Sequence[Record], reader: Reader) -> Added:
    """Store some more records in an open batch, all durably or none, and count them there. Wakes routing."""
    return _until_known(lambda: transaction.atomic(_add)(batch, records, reader))


def close_batch(batch: Batch, *, by: User | None) -> None:
    """Record what a batch brought in, once it holds all that it will."""
    counts = {"accepted": batch.accepted, "duplicates": batch.duplicates, "rejected": batch.rejected}
    record("intake.batch_accepted", on=[batch, batch.source], by=by, data=counts)


def _until_known(take: Callable[[], T]) -> T:
    """Take alerts in; where someone stored one of them at the same moment, look again: now it is known."""
    for _try in range(MOST_TRIES):
        try:
            return take()
        except (IntegrityError, OperationalError) as error:
            if not isinstance(error.__cause__, (errors.UniqueViolation, errors.DeadlockDetected)):
                raise
            lost = error
    raise lost


def _add(batch: Batch, records: Sequence[Record], reader: Reader) -> Added:
    added, restricted = Added(), queries.restricted_categories()
    tiers: dict[int, actors.Word] = {}
    for arrivals in chunks(reader.read(records, received_at=batch.received_at), batch, added, restricted):
        _store(arrivals, batch, added, tiers)
    added.differs.sort()
    added.rejected.sort(key=lambda rejection: rejection.index)
    rejecting.keep(added.rejected, batch, records, reader.places, restricted)
    if added.accepted:
        hint("incidents.queues.tasks.route")

    counts = {
        "accepted": batch.accepted + len(added.accepted),
        "duplicates": batch.duplicates + len(added.duplicates),
        "rejected": batch.rejected + len(added.rejected),
    }
    Batch.objects.filter(pk=batch.pk).update(**counts)
    batch.accepted, batch.duplicates, batch.rejected = counts.values()
    actors.tell_tiers(tiers)
    return added


def chunks(
    found: Iterable[Found | Unread], batch: Batch, added: Added, restricted: queries.RestrictedCategories
) -> Iterator[list[Arrival]]:
    """Write the rows of what can be taken, in parts that fit the memory, and note what cannot."""
    lines = Lines(batch)
    arrivals: list[Arrival] = []
    size = 0
    for one in found:
        if isinstance(one, Unread):
            added.rejected.append(Rejection(one.place, one.reason.external_id, one.reason.errors))
            continue
        arrivals.append(arrival := Arrival(one, lines, restricted))
        size += arrival.size
        if len(arrivals) == CHUNK or size > LARGEST_CHUNK:
            yield arrivals
            arrivals, size = [], 0
    if arrivals:
        yield arrivals


def _store(arrivals: list[Arrival], batch: Batch, added: Added, tiers: dict[int, actors.Word]) -> None:
    known = storing.known_alerts(batch.source_id, [arrival.external_id for arrival in arrivals])
    homes = storing.Homes(batch.source.namespace, arrivals)
    if fresh := sort_out(arrivals, known, homes, added):
        sightings = [arrival.sighting for arrival in fresh if arrival.sighting]
        actor_ids = actors.note(sightings, namespace=batch.source.namespace)
        actors.hear_tiers(sightings, actor_ids, tiers)
        storing.store(fresh, batch, actor_ids)
        tallying.note((arrival.make for arrival in fresh), batch)


def sort_out(arrivals: list[Arrival], known: dict[str, bytes], homes: storing.Homes, added: Added) -> list[Arrival]:
    """Sort a chunk into new alerts, repeats and alerts about what nobody knows; return the new, which are known now."""
    fresh: list[Arrival] = []
    for arrival in arrivals:
        if (first := known.get(arrival.external_id)) is not None:
            added.duplicates.append(arrival.index)
            added.repeated.append(arrival.external_id)
            if first != arrival.digest:
                added.differs.append(arrival.index)
        elif not homes.place(arrival):
            sentence = _("Required: no generation with this generation.external_id is known.")
            errors_by_path = {"generation.messages": [sentence]}
            added.rejected.append(Rejection(arrival.index, arrival.external_id, errors_by_path))
        else:
            known[arrival.external_id] = arrival.digest
            fresh.append(arrival)
    added.accepted.extend([arrival.index for arrival in fresh])
    return fresh
