"""Saying what taking alerts in would do, without a write: part by part, with what earlier parts would have brought."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from incidents.intake import queries
from incidents.intake.formats.reader import Reader, Record
from incidents.intake.models import Batch, Source
from incidents.intake.operations import storing
from incidents.intake.operations.accepting import Added, chunks, sort_out
from trust import clock


@dataclass
class Brought:
    """What parts before this one would have stored, as digests by name: of alerts, and of generations' content."""

    alerts: Mapping[str, bytes] = field(default_factory=dict)
    generations: Mapping[str, bytes] = field(default_factory=dict)


Recall = Callable[[Sequence[str], Sequence[str]], Brought]  # asked with names of alerts and of generations


def rehearse(
    records: Sequence[Record], *, source: str, reader: Reader, recall: Recall = lambda _alerts, _generations: Brought()
) -> tuple[Added, Brought]:
    """Return what ``accept`` would do with ``records`` after the parts that ``recall`` knows, and what they bring.

    Writes nothing. The source need not be known.
    """
    home = Source.objects.filter(slug=source).first() or Source(pk=0, slug=source)
    batch = Batch(pk=0, source=home, received_at=clock.now(), format=reader.format.slug)
    added, alerts, generations = Added(), dict[str, bytes](), dict[str, bytes]()
    restricted = queries.restricted_categories()
    for arrivals in chunks(reader.read(records, received_at=batch.received_at), batch, added, restricted):
        names = [arrival.external_id for arrival in arrivals]
        before = recall(names, [arrival.generation_name for arrival in arrivals if arrival.generation_name is not None])
        homes = storing.Homes(home.namespace, arrivals)
        homes.expect({**before.generations, **generations})
        known = {**before.alerts, **alerts, **storing.known_alerts(home.pk, names)}
        for arrival in sort_out(arrivals, known, homes, added):
            alerts[arrival.external_id] = arrival.digest
            if arrival.brings_generation and arrival.generation_name is not None:
                generations[arrival.generation_name] = arrival.home.content_digest
    added.differs.sort()
    added.rejected.sort(key=lambda rejection: rejection.index)
    return added, Brought(alerts, generations)
