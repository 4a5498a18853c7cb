"""What quality is to count of the alerts that came in: one narrow row for each thousand, in their own transaction.

Never a running total: two senders would wait for each other at it.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeAlias

import msgspec
from django.db import connection

from incidents.intake.formats.native import Alert, Detector, Taxonomy
from incidents.intake.models import ArrivalsToCount, Batch
from trust import prepared

# How long after it happened an alert was here, in seconds: the upper ends of the steps; one more step is beyond them.
LATENESS: Final = (1, 5, 15, 60, 300, 900, 3_600, 21_600, 86_400, 604_800)

Make: TypeAlias = tuple[Detector | None, str, Taxonomy | None, tuple[str, ...], tuple[str, ...], bytes, int]

_json = msgspec.json.encode


class Waiting(NamedTuple):
    """One row to count; ``makes`` is JSON: what alerts have in common, and how many they are."""

    source: int
    received_at: datetime
    makes: str


def make_of(alert: Alert, received_at: datetime) -> Make:
    """Return what alerts that are counted together have in common, lateness last. A plain tuple costs half a struct."""
    labels = alert.labels
    return (
        alert.detector,
        alert.kind,
        alert.taxonomy,
        tuple(alert.flagged),
        tuple([name for name, present in labels.items() if present]) if labels else (),
        _json(alert.thresholds) if alert.thresholds else b"null",
        bisect_right(LATENESS, (received_at - alert.occurred_at).total_seconds()),
    )


def note(makes: Iterable[Make], batch: Batch) -> None:
    """Leave to do what is to be counted of alerts of ``batch`` that were stored. One statement."""
    counted = _json([_counted(*make, alerts) for make, alerts in Counter(makes).items()])
    prepared.rows_of(_NOTE, [batch.source_id, batch.received_at, counted.decode()])


def _counted(
    detector: Detector | None,
    kind: str,
    taxonomy: Taxonomy | None,
    flagged: tuple[str, ...],
    labelled: tuple[str, ...],
    thresholds: bytes,
    lateness: int,
    alerts: int,
) -> dict[str, Any]:
    """Return what ``incidents.quality.facts.arrived_from`` reads."""
    return {
        "detector": detector.name if detector else None,
        "version": detector.version if detector else None,
        "kind": kind,
        "is_flagged": bool(flagged),
        "taxonomy": taxonomy.name if taxonomy else "",
        "taxonomy_version": taxonomy.version if taxonomy else "",
        "categories": list(dict.fromkeys(flagged + labelled)),
        "thresholds": msgspec.Raw(thresholds),
        "lateness": lateness,
        "alerts": alerts,
    }


_NOTE: Final = f"""
    insert into {ArrivalsToCount._meta.db_table} (source_id, received_at, makes) values (%s, %s, %s::jsonb) returning id
"""  # noqa: S608  a table of ours


def take_arrivals_to_count(limit: int) -> list[Waiting]:
    """Take up to ``limit`` rows off what quality must count, oldest first.

    They are gone when the caller's transaction commits, and back when it does not; what another takes is left alone.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("arrivals are taken inside the transaction that counts them")
    table = ArrivalsToCount._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            delete from {table} where id in (select id from {table} order by id limit %s for update skip locked)
            returning id, source_id, received_at, makes::text
            """,  # noqa: S608  a table of ours
            [limit],
        )
        rows: list[tuple[Any, ...]] = sorted(cursor.fetchall())
    return [Waiting(source, received_at, makes) for _id, source, received_at, makes in rows]
