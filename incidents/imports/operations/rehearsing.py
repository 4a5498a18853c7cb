"""The dry run, part by part: nothing is stored but what it found, and what it must remember from part to part."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from incidents.imports import queries
from incidents.imports.models import Finding, Foreseen, Import
from incidents.imports.operations.starting import note_cancelled
from incidents.intake import operations as intake, queries as intake_queries
from trust.jobs.models import Job

Outcome = Finding.Outcome


def rehearse_some(job: Job) -> int:
    """Say what would become of the next part and return how many records it holds."""
    found = Import.objects.get(rehearsal=job)
    if not job.done:  # of an earlier dry run, which may have found a million
        found.findings.all().delete()
        found.foreseen.all().delete()
    part = queries.next_part(found, job)
    reader = queries.reader(found, part.places)
    recall = partial(queries.foreseen, found)
    added, brought = intake.rehearse(part.records, source=found.source, reader=reader, recall=recall)
    _remember(found, brought)
    Finding.objects.bulk_create(_findings(found, added, part), batch_size=1_000)
    counts = {
        "accepted": len(added.accepted),
        "duplicates": len(added.duplicates),
        "differs": len(added.differs),
        "rejected": len(added.rejected),
    }
    job.result = {name: job.result.get(name, 0) + count for name, count in counts.items()}
    return len(part.records)


def end_rehearsal(job: Job) -> None:
    """Forget what only the dry run had to know; its findings stay."""
    found = Import.objects.get(rehearsal=job)
    found.foreseen.all().delete()
    note_cancelled(found, job)


def _remember(found: Import, brought: intake.Brought) -> None:
    rows = [
        Foreseen(of=found, is_generation=is_generation, name=name, digest=digest)
        for is_generation, digests in ((False, brought.alerts), (True, brought.generations))
        for name, digest in digests.items()
    ]
    Foreseen.objects.bulk_create(rows, batch_size=1_000)


def _findings(found: Import, added: intake.Added, part: queries.Records) -> list[Finding]:
    restricted = intake_queries.restricted_categories()
    findings = [
        Finding(
            of=found,
            index=part.places[one.index],
            external_id=one.external_id and intake.storable(one.external_id),
            outcome=Outcome.REJECTED,
            errors=intake.storable_errors(one.errors),
            is_restricted=restricted.may_be_named_in(part.records[one.index]),
        )
        for one in added.rejected
    ]
    differing = _counted(added.differs)
    for index, external_id in zip(added.duplicates, added.repeated, strict=True):
        differs = differing.get(index, 0) > 0
        if differs:
            differing[index] -= 1
        outcome = Outcome.DIFFERS if differs else Outcome.DUPLICATE
        findings.append(Finding(of=found, index=part.places[index], external_id=external_id, outcome=outcome))
    return sorted(findings, key=lambda finding: finding.index)


def _counted(places: Sequence[int]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for place in places:
        counts[place] = counts.get(place, 0) + 1
    return counts
