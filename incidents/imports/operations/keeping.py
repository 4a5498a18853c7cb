"""The file itself: kept in parts until it is imported, discarded or a day old."""

from __future__ import annotations

from datetime import timedelta
from typing import IO, Any, Final

import msgspec
from django.db import transaction
from django.db.models import Exists, OuterRef

from incidents.imports import cutting, rules
from incidents.imports.models import Finding, Import, Part
from incidents.intake import operations as intake, rules as intake_rules
from incidents.intake.formats import converting, suggesting
from incidents.intake.formats.converting import Format
from trust import clock
from trust.accounts.models import User
from trust.audit.operations import record
from trust.celery import hint
from trust.jobs.models import Job
from trust.refusals import Refused

KEPT_FOR: Final = timedelta(days=1)
DRY_RUN_KEPT_FOR: Final = timedelta(days=7)  # of an imported file
AT_A_TIME: Final = 5_000
TASK: Final = "incidents.imports.tasks.forget_files"


@transaction.atomic
def upload(file: IO[bytes], *, name: str, size: int, known: Format, source: str, by: User) -> Import:
    """Keep a file in parts, with a first mapping if its format asks for one. Raises Refused, and Unfit."""
    if sentence := intake_rules.refusal_to_import(by):
        raise Refused(sentence)
    now = clock.now()
    made = Import.objects.create(
        file_name=intake.storable(name)[-200:],
        size=size,
        records=0,
        format=known.slug,
        source=source,
        made_by=by,
        made_at=now,
    )
    for part in cutting.parts(file, known):
        Part.objects.create(of=made, first=made.records, count=len(part), body=cutting.pack(part))
        if made.records == 0 and known.slug == rules.MAPPED:
            _suggest(made, part)
        made.records += len(part)
    made.delimiter = cutting.delimiter(file, known)
    made.save(update_fields=["records", "columns", "delimiter", "mapping"])
    record("import.uploaded", on=[made], by=by, data={"records": made.records, "format": known.slug})
    return made


def _suggest(made: Import, part: list[cutting.Record]) -> None:
    """Propose a mapping from the names of the columns and the first rows. It may have faults."""
    rows = [msgspec.json.decode(said) for _place, said in part[: suggesting.SAMPLE]]
    made.columns = [intake.storable(column) for column in rows[0] if column != converting.RAGGED]
    made.mapping = suggesting.suggest(made.columns, [row for row in rows if converting.RAGGED not in row])


@transaction.atomic
def map_columns(found: Import, mapping: dict[str, Any], *, by: User) -> Import:
    """Set which columns hold what. Raises Refused (invalid, with what is wrong) where it does not fit the file."""
    if faults := rules.faults_in_mapping(found, mapping):
        sentences = [fault.sentence for fault in faults]
        raise Refused(sentences[0], code="invalid", errors={"mapping": sentences})
    return take_mapping(found, mapping, by=by)


@transaction.atomic
def take_mapping(found: Import, mapping: dict[str, Any], *, by: User) -> Import:
    """Set a mapping that need not fit yet: one that was made for another file. Raises Refused.

    A dry run from before says nothing any more.
    """
    found = locked(found)
    if sentence := rules.refusal_to_map(found, by):
        raise Refused(sentence)
    if mapping != found.mapping:
        found.mapping, found.rehearsal = mapping, None
        found.save(update_fields=["mapping", "rehearsal"])
        hint(TASK)
    return found


@transaction.atomic
def discard(found: Import, *, by: User) -> Import:
    """Delete a file that was not imported. Raises Refused."""
    found = locked(found)
    if sentence := rules.refusal_to_change(found, by):
        raise Refused(sentence)
    drop_file(found)
    _void_dry_run(found)
    record("import.discarded", on=[found], by=by)
    return found


@transaction.atomic
def forget_file() -> bool:
    """Delete one file that is older than a day and not being worked on. False when there is none."""
    old = Import.objects.filter(file_gone_at=None, made_at__lt=clock.now() - KEPT_FOR)
    found = (
        old.exclude(rehearsal__status__in=Job.OPEN)
        .exclude(job__status__in=Job.OPEN)
        .select_for_update(skip_locked=True, of=("self",))
        .first()
    )
    if found is None:
        return False
    drop_file(found)
    if found.job_id is None:
        _void_dry_run(found)
    return True


@transaction.atomic
def forget_dry_run() -> bool:
    """Let one dry run go whose file was imported and is older than a week. False when there is none."""
    old = Import.objects.filter(rehearsal__isnull=False, made_at__lt=clock.now() - DRY_RUN_KEPT_FOR)
    found = (
        old.exclude(rehearsal__status__in=Job.OPEN)
        .exclude(job__status__in=Job.OPEN)
        .select_for_update(skip_locked=True, of=("self",), no_key=True)
        .first()
    )
    if found is None:
        return False
    _void_dry_run(found)
    return True


@transaction.atomic
def forget_findings() -> int:
    """Delete some of what dry runs found that hold no more, and return how many: they may quote the file.

    The lock keeps a new dry run of the same file from beginning meanwhile.
    """
    found = (
        Import.objects.filter(Exists(Finding.objects.filter(of=OuterRef("pk"))), rehearsal__started_at=None)
        .exclude(rehearsal__status__in=Job.OPEN)
        .select_for_update(skip_locked=True, of=("self",), no_key=True)
        .first()
    )
    if found is None:
        return 0
    some = found.findings.order_by("pk").values("pk")[:AT_A_TIME]
    deleted, _by_model = Finding.objects.filter(pk__in=some).delete()
    return deleted


def _void_dry_run(found: Import) -> None:
    """Say that what a dry run found holds no more: it is shown no longer, and a sweep deletes it."""
    found.rehearsal = None
    found.save(update_fields=["rehearsal"])
    hint(TASK)


def drop_file(found: Import) -> None:
    found.parts.all().delete()
    found.foreseen.all().delete()
    found.file_gone_at = clock.now()
    found.save(update_fields=["file_gone_at"])


def locked(found: Import) -> Import:
    """Return the import as it is now, held until the transaction ends."""
    rows = Import.objects.select_related("rehearsal", "job")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=found.pk)


@transaction.atomic
def note_preview(found: Import, *, records: int, by: User) -> None:
    """Record that ``by`` was shown the content of so many records before they were imported."""
    record("import.previewed", on=[found], by=by, data={"records": records})
