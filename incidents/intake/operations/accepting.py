"""Taking alerts in: all that a body holds, in one transaction, a thousand at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db import IntegrityError, OperationalError, transaction
from django.utils.translation import gettext as _
from psycopg import errors

from incidents.actors import operations as actors
from incidents.intake import queries
from incidents.intake.formats.reader import Found, Reader, Record, Unread
from incidents.intake.models import Batch, Source
from incidents.intake.operations import storing
from incidents.intake.operations.arriving import Arrival
from incidents.intake.operations.lines import Lines
from trust import clock
from trust.accounts.models import ApiKey
from trust.audit.operations import record
from trust.celery import hint

CHUNK: Final = 1_000
LARGEST_CHUNK: Final = 32 * 1024 * 1024  # characters of rows
MOST_TRIES: Final = 20


@dataclass(frozen=True)
class Rejection:
    """A record that was not taken, by its place in the body, and everything that is wrong with it by path."""

    index: int
    external_id: str | None
    errors: dict[str, list[str]]


@dataclass(frozen=True)
class Receipt:
    """What became of a body. ``differs`` are the places of repeats that do not say what the first one said."""

    batch: int
    accepted: int
    duplicates: int
    differs: list[int]
    rejected: list[Rejection]


@dataclass
class _Tally:
    accepted: int = 0
    duplicates: int = 0
    differs: list[int] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)


def accept(
    records: Sequence[Record], *, source: str, via_key: ApiKey | None = None, reader: Reader | None = None
) -> Receipt:
    """Store the alerts that are new and well formed, all durably or none. A bad record never stops its neighbours.

    ``records`` are JSON text or parsed, native alerts unless ``reader`` says otherwise; ``source`` is a slug. Wakes
    routing.
    """
    for _try in range(MOST_TRIES):
        try:
            return _accept(records, source, via_key, reader or Reader())
        except (IntegrityError, OperationalError) as error:
            if not isinstance(error.__cause__, (errors.UniqueViolation, errors.DeadlockDetected)):
                raise
            lost = error  # someone stored one of these at the same moment: look again, now it is known
    raise lost


@transaction.atomic
def _accept(records: Sequence[Record], slug: str, via_key: ApiKey | None, reader: Reader) -> Receipt:
    now, tally = clock.now(), _Tally()
    source, _is_new = Source.objects.get_or_create(slug=slug, defaults={"created_at": now})
    batch = Batch.objects.create(
        source=source, key_id=via_key.pk if via_key else None, received_at=now, format=reader.format.slug
    )
    for arrivals in _chunks(reader.read(records, received_at=now), batch, tally):
        _store(arrivals, batch, tally)

    batch.accepted, batch.duplicates, batch.rejected = tally.accepted, tally.duplicates, len(tally.rejected)
    batch.save(update_fields=["accepted", "duplicates", "rejected"])
    counts = {"accepted": batch.accepted, "duplicates": batch.duplicates, "rejected": batch.rejected}
    record("intake.batch_accepted", on=[batch, source], by=via_key.owner if via_key else None, data=counts)
    if tally.accepted:
        hint("incidents.queues.tasks.route")
    return Receipt(batch.pk, tally.accepted, tally.duplicates, sorted(tally.differs), _in_order(tally.rejected))


def _chunks(found: Iterable[Found | Unread], batch: Batch, tally: _Tally) -> Iterator[list[Arrival]]:
    """Write the rows of what can be taken, in parts that fit the memory, and note what cannot."""
    lines, restricted = Lines(batch), queries.restricted_categories()
    arrivals: list[Arrival] = []
    size = 0
    for one in found:
        if isinstance(one, Unread):
            tally.rejected.append(Rejection(one.place, one.reason.external_id, one.reason.errors))
            continue
        arrivals.append(arrival := Arrival(one, lines, restricted))
        size += arrival.size
        if len(arrivals) == CHUNK or size > LARGEST_CHUNK:
            yield arrivals
            arrivals, size = [], 0
    if arrivals:
        yield arrivals


def _store(arrivals: list[Arrival], batch: Batch, tally: _Tally) -> None:
    """Sort the chunk into new alerts, repeats and alerts about what nobody knows; write the new ones."""
    known = storing.known_alerts(batch.source_id, [arrival.external_id for arrival in arrivals])
    homes = storing.Homes(batch.source.namespace, arrivals)
    fresh: list[Arrival] = []
    for arrival in arrivals:
        if (first := known.get(arrival.external_id)) is not None:
            tally.duplicates += 1
            if first != arrival.digest:
                tally.differs.append(arrival.index)
        elif not homes.place(arrival):
            sentence = _("Required: no generation with this generation.external_id is known.")
            errors_by_path = {"generation.messages": [sentence]}
            tally.rejected.append(Rejection(arrival.index, arrival.external_id, errors_by_path))
        else:
            known[arrival.external_id] = arrival.digest
            fresh.append(arrival)
    if fresh:
        sightings = [arrival.sighting for arrival in fresh if arrival.sighting]
        actor_ids = actors.note(sightings, namespace=batch.source.namespace)
        storing.store(fresh, batch, actor_ids)
        tally.accepted += len(fresh)


def _in_order(rejected: list[Rejection]) -> list[Rejection]:
    return sorted(rejected, key=lambda rejection: rejection.index)
