"""The import, part by part: alerts, their batch, the progress and the end of the part's bytes in one transaction."""

from __future__ import annotations

from incidents.imports import queries
from incidents.imports.models import Import
from incidents.imports.operations.keeping import drop_file
from incidents.imports.operations.starting import note_cancelled
from incidents.intake import operations as intake
from trust.jobs.models import Job


def import_some(job: Job) -> int:
    """Import the next part and return how many records it held."""
    found = Import.objects.select_related("batch__source").get(job=job)
    part = queries.next_part(found, job)
    if found.batch is None:
        found.batch = intake.open_batch(source=found.source, reader=queries.reader(found))
        found.save(update_fields=["batch"])
    intake.add(found.batch, part.records, queries.reader(found, part.places))
    found.parts.filter(first=job.done).delete()
    return len(part.records)


def end_import(job: Job) -> None:
    """Close the batch with what it holds, and let the file go."""
    found = Import.objects.select_related("batch__source").get(job=job)
    if found.batch is not None:
        intake.close_batch(found.batch, by=job.asked_by)
    drop_file(found)
    note_cancelled(found, job)
