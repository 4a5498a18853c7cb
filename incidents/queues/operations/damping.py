"""Muting and lowering what a source or a detector sends, for a while; and how right it was found to be."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db import models, transaction

from incidents.intake.models import DetectorVersion, Source
from incidents.queues import rules, weighing
from incidents.queues.models import Damping, DampingLift, ItemToRate, Reliability
from trust import clock, prepared
from trust.accounts.models import User
from trust.audit.operations import record
from trust.refusals import Refused

SUBJECTS = 50


class Rated(NamedTuple):
    """What is rated: a detector's version, or one sort of what a source sends; the other is None."""

    source: int | None
    detector_version: int | None
    is_report: bool


@transaction.atomic
def damp(wanted: Damping, *, by: User) -> Damping:
    """Mute or lower what ``wanted``, which is not saved yet, names, from now until its end. Raises Refused.

    It ends by itself: routing asks for what is in force. What is muted keeps its alerts and gets closed items.
    """
    targets = _locked_targets(wanted)
    wanted.by, wanted.begins_at, wanted.reason = by, clock.now(), wanted.reason.strip()
    same = Damping.objects.in_force(wanted.begins_at).filter(
        source=wanted.source, detector_version=wanted.detector_version, detector=wanted.detector
    )
    if reason := rules.refusal_to_damp(wanted, by, in_force=same.first()):
        raise Refused(reason)

    wanted.save(force_insert=True)
    data = {"steps": wanted.steps, "until": wanted.until}
    record(
        _kind(wanted, "muted" if wanted.is_muted else "lowered"),
        on=[wanted, *targets],
        by=by,
        reason=wanted.reason,
        data=data,
    )
    return wanted


@transaction.atomic
def lift(damping: Damping, *, by: User) -> Damping:
    """End ``damping`` now. Items that it closed stay closed. Raises Refused."""
    targets = _locked_targets(damping)
    damping = Damping.objects.select_related("lift").get(pk=damping.pk)
    if reason := rules.refusal_to_lift(damping, by, now=clock.now()):
        raise Refused(reason)

    DampingLift.objects.create(damping=damping, by=by, at=clock.now())
    record(_kind(damping, "restored"), on=[damping, *targets], by=by)
    return damping


@transaction.atomic
def note_reliability(found: Mapping[Rated, tuple[int, int]]) -> None:
    """Write how right each was: (violating, judged); routing asks for it once a batch. Called by quality's sweep.

    No audit event: it derives numbers from what the audit already holds.
    """
    rows = [
        Reliability(
            source_id=rated.source,
            detector_version_id=rated.detector_version,
            is_report=rated.is_report,
            violating=violating,
            judged=judged,
            steps=weighing.steps_of(violating, judged),
        )
        for rated, (violating, judged) in found.items()
    ]
    Reliability.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["source", "detector_version", "is_report"],
        update_fields=["violating", "judged", "steps"],
    )


def take_items_to_rate(limit: int) -> list[int]:
    """Take up to ``limit`` rows off what quality must look at again; return their items, each once.

    They are gone when the caller's transaction commits, and back when it does not; what another takes is left alone.
    """
    table = ItemToRate._meta.db_table
    statement = f"""
        delete from {table} where id in (select id from {table} order by id limit %s for update skip locked)
        returning item_id
    """  # noqa: S608  a table of ours
    return sorted({item for (item,) in prepared.rows_of(statement, [limit])})


def _locked_targets(damping: Damping) -> Sequence[models.Model]:
    """Lock what is damped, so that of two people only one does it; alerts go on to come in."""
    if damping.source_id is not None:
        return list(Source.objects.select_for_update(no_key=True).filter(pk=damping.source_id))
    versions = DetectorVersion.objects.select_for_update(no_key=True).order_by("pk")
    if damping.detector_version_id is not None:
        return list(versions.filter(pk=damping.detector_version_id))
    return list(versions.filter(name=damping.detector)[:SUBJECTS])


def _kind(damping: Damping, what: str) -> str:
    return f"source.{what}" if damping.source_id is not None else f"detector.{what}"
