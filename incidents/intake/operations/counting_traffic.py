"""Taking counts of traffic in: new cells, repeats, and corrections, which keep what they correct."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date
from typing import Any

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from incidents.intake import queries
from incidents.intake.formats import traffic
from incidents.intake.formats.converting import NotOfFormat
from incidents.intake.formats.traffic import Cell, Traffic
from incidents.intake.models import Source, TrafficCount
from trust import clock
from trust.accounts.models import ApiKey
from trust.audit.operations import record

Record = bytes | Mapping[str, Any]


@dataclass(frozen=True)
class TrafficRejection:
    """A count that was not taken, by its place in the body, and everything that is wrong with it by path."""

    index: int
    errors: dict[str, list[str]]


@dataclass
class TrafficReceipt:
    """What became of a body. ``corrected`` are the places of counts that say something else than what held."""

    created: int = 0
    unchanged: int = 0
    corrected: list[int] = field(default_factory=list)
    rejected: list[TrafficRejection] = field(default_factory=list)


@transaction.atomic
def count_traffic(records: Sequence[Record], *, source: str, via_key: ApiKey | None = None) -> TrafficReceipt:
    """Store counts that are new or differ from what holds; the same again changes nothing. A bad one stops no other.

    ``records`` are counts as JSON text or parsed; ``source`` is a slug. About 6 statements.
    """
    now, receipt = clock.now(), TrafficReceipt()
    told = _read(records, now.astimezone(UTC).date(), receipt)
    home = _locked(source)
    holding = queries.traffic_in_effect(home.pk, list(told))
    fresh: list[TrafficCount] = []
    for cell, (index, count) in told.items():
        before = holding.get(cell)
        if before and (before.generations, before.actors) == count.counts():
            receipt.unchanged += 1
            continue
        if before:
            receipt.corrected.append(index)
        else:
            receipt.created += 1
        fresh.append(_row(home, cell, count, before))
    for row in fresh:
        row.received_at, row.key_id = now, via_key.pk if via_key else None
    TrafficCount.objects.bulk_create(fresh, batch_size=1_000)

    if fresh:
        counts = {"created": receipt.created, "corrected": len(receipt.corrected)}
        record("intake.traffic_counted", on=[home], by=via_key.owner if via_key else None, data=counts)
    return receipt


def _read(records: Sequence[Record], today: date, receipt: TrafficReceipt) -> dict[Cell, tuple[int, Traffic]]:
    """Return the counts that can be taken by what they count, with their places; reject the others."""
    told: dict[Cell, tuple[int, Traffic]] = {}
    for index, one in enumerate(records):
        try:
            count = traffic.decode(one if isinstance(one, bytes) else msgspec.json.encode(one), today=today)
        except NotOfFormat as problem:
            receipt.rejected.append(TrafficRejection(index, problem.errors))
            continue
        first, _count = told.setdefault(count.cell(), (index, count))
        if first != index:
            # Most likely a dimension that the sender forgot: taking either one would lose the other's traffic.
            sentence = _("Record %(number)s counts the same day and dimensions already.") % {"number": first}
            receipt.rejected.append(TrafficRejection(index, {"day": [sentence]}))
    return told


def _locked(slug: str) -> Source:
    """Return the source; two bodies of one source wait for each other, alerts do not."""
    source, _is_new = Source.objects.get_or_create(slug=slug, defaults={"created_at": clock.now()})
    return Source.objects.select_for_update(no_key=True).get(pk=source.pk)


def _row(source: Source, cell: Cell, count: Traffic, before: TrafficCount | None) -> TrafficCount:
    return TrafficCount(
        source=source,
        **dict(zip(TrafficCount.CELL, cell, strict=True)),
        generations=count.generations,
        actors=count.actors,
        revision=before.revision + 1 if before else 1,
        corrects=before,
    )
