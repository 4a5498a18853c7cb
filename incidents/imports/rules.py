from typing import Any

from django.utils.translation import gettext as _

from incidents.imports.models import Import
from incidents.intake import rules as intake
from incidents.intake.formats import columns
from trust.accounts.models import User
from trust.jobs.models import Job

MAPPED = "csv"  # the format that asks for a mapping of columns


def refusal_to_change(found: Import, by: User) -> str | None:
    """Say why ``by`` may not choose another mapping, ask for a dry run or discard the file."""
    if sentence := intake.refusal_to_import(by):
        return sentence
    if found.job_id is not None:
        return _("This file is being imported, or was.")
    if found.file_gone_at is not None:
        return _("The file is gone: it is kept for a day. Upload it again.")
    if found.rehearsal is not None and found.rehearsal.is_open:
        return _("A dry run is under way; wait for it, or cancel it.")
    return None


def refusal_to_map(found: Import, by: User) -> str | None:
    if found.format != MAPPED:
        return _("This format asks for no mapping of columns.")
    return refusal_to_change(found, by)


def refusal_to_read(found: Import, by: User) -> str | None:
    """Say why the file cannot be rehearsed or imported now."""
    if sentence := refusal_to_change(found, by):
        return sentence
    if faults_in_mapping(found, found.mapping):
        return _("Say first which columns hold what.")
    return None


def refusal_to_cancel(found: Import, by: User) -> str | None:
    if sentence := intake.refusal_to_import(by):
        return sentence
    if not any(job and job.is_open for job in (found.rehearsal, found.job)):
        return _("Nothing is under way that could be cancelled.")
    return None


def refusal_to_start(found: Import, by: User) -> str | None:
    """Say why the file cannot be imported now: after a whole dry run only if something would be accepted."""
    if sentence := refusal_to_read(found, by):
        return sentence
    if found.rehearsal is None or found.rehearsal.status != Job.Status.DONE or found.rehearsal.result.get("accepted"):
        return None
    if found.rehearsal.result.get("rejected"):
        return _("The dry run accepted no record: see record by record what is wrong, and mend it first.")
    return _("The dry run accepted no record: all of them are here already.")


def faults_in_mapping(found: Import, mapping: Any) -> list[columns.Fault]:
    """Say what is wrong with a mapping for this file; nothing where its format asks for none."""
    return columns.faults(mapping, found.columns) if found.format == MAPPED else []
