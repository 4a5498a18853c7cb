"""A file from its upload to its batch."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.imports import cutting, operations, previewing, rules
from incidents.imports.forms import UploadForm
from incidents.imports.models import Finding, Import
from incidents.intake import telling
from incidents.intake.formats.catalogue import FORMATS, NATIVE
from incidents.intake.models import Source
from trust import clock, languages, uploads
from trust.access import needs
from trust.filtering import older_url
from trust.htmx import StaffRequest, is_fragment_request, render_page
from trust.jobs.models import Job
from trust.pagination import keyset_page
from trust.permissions import Permission
from trust.spreadsheets import csv_text

MOST_SOURCES: Final = 200  # that the form offers by name
MOST_ROWS: Final = 50_000  # of one download


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.IMPORT_ALERTS)
def import_list(request: StaffRequest) -> HttpResponse:
    if request.method != "POST":
        return _list_page(request, UploadForm(initial={"format": "csv", "source": request.GET.get("source", "")}))
    form = UploadForm(request.POST, request.FILES)
    if uploads.was_too_large(request):
        form.errors["file"] = form.error_class(
            [_("Larger than 64 MiB; pack it with gzip, or cut it into smaller ones.")]
        )
    if not form.is_valid():
        return _list_page(request, form, status=422)
    file, said = form.cleaned_data["file"], form.cleaned_data
    try:
        made = operations.upload(
            file, name=file.name, size=file.size, known=FORMATS[said["format"]], source=said["source"], by=request.user
        )
    except cutting.Unfit as reason:
        if isinstance(reason, cutting.Misnamed):
            form.choose(NATIVE)
        form.add_error("file", str(reason))
        return _list_page(request, form, status=422)
    return HttpResponseRedirect(
        reverse("imports:mapping" if made.format == rules.MAPPED else "imports:detail", args=[made.pk])
    )


@require_safe
@needs(Permission.IMPORT_ALERTS)
def detail(request: StaffRequest, pk: int) -> HttpResponse:
    """Where the file stands: what its first records become, what a dry run found, how far the import is."""
    found = _import(request, pk)
    shows_content = found.file_gone_at is None and request.user.may(Permission.VIEW_CONTENT)
    previewed = previewing.preview(found) if shows_content else []
    if shown := sum(bool(one.messages) for one in previewed):
        operations.note_preview(found, records=shown, by=request.user)
    context = _progress(found) | {
        "previewed": previewed,
        "is_mapped": found.format == rules.MAPPED,
        "may_change": rules.refusal_to_change(found, request.user) is None,
        "refusal_to_read": rules.refusal_to_read(found, request.user),
        "to_import": _to_import(found),
        "refusal_to_start": rules.refusal_to_start(found, request.user),
    }
    return render_page(request, "imports/detail.html", context)


@require_safe
@needs(Permission.IMPORT_ALERTS)
def progress(request: StaffRequest, pk: int) -> HttpResponse:
    """How far the work is; the page asks again until it ends, and then goes where its result is."""
    found = _import(request, pk)
    context = _progress(found)
    if context["running"] is None and is_fragment_request(request):
        response = HttpResponse()
        response["HX-Redirect"] = _result_url(found)
        return response
    return render_page(request, "imports/_progress.html", context)


@require_safe
@needs(Permission.IMPORT_ALERTS)
def findings(request: StaffRequest, pk: int) -> HttpResponse:
    """What the dry run said of each record that would not be accepted."""
    found = _import(request, pk)
    page = keyset_page(request, found.told(), by=["pk"])
    context = _progress(found) | {
        "page": page,
        "told": _told(page.rows, request),
        "older_url": older_url(request, page.older),
    }
    return render_page(request, "imports/findings.html", context)


@require_safe
@needs(Permission.IMPORT_ALERTS)
@languages.for_machines()
def findings_csv(request: StaffRequest, pk: int) -> HttpResponse:
    found = _import(request, pk)
    rows = []
    for finding, told in _told(list(found.told().order_by("pk")[:MOST_ROWS]), request):
        outcome = finding.get_outcome_display()
        said: dict[str, list[str]] = told.errors or {"": []}
        rows += [(told.line, told.external_id, outcome, path, " ".join(why)) for path, why in said.items()]
    header = ["line", "external id", "outcome", "field", "what is wrong"]
    response = HttpResponse(csv_text(header, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="import-{found.pk}-dry-run.csv"'
    return response


@require_POST
@needs(Permission.IMPORT_ALERTS)
def rehearse(request: StaffRequest, pk: int) -> HttpResponse:
    return _to(operations.rehearse(_import(request, pk), by=request.user))


@require_POST
@needs(Permission.IMPORT_ALERTS)
def start(request: StaffRequest, pk: int) -> HttpResponse:
    return _to(operations.start(_import(request, pk), by=request.user))


@require_POST
@needs(Permission.IMPORT_ALERTS)
def cancel(request: StaffRequest, pk: int) -> HttpResponse:
    found = _import(request, pk)
    operations.cancel(found, by=request.user)
    return _to(found)


@require_POST
@needs(Permission.IMPORT_ALERTS)
def discard(request: StaffRequest, pk: int) -> HttpResponse:
    operations.discard(_import(request, pk), by=request.user)
    return HttpResponseRedirect(reverse("imports:list"))


def _import(request: StaffRequest, pk: int) -> Import:
    return get_object_or_404(Import.objects.visible_to(request.user).for_page(), pk=pk)


def _to(found: Import) -> HttpResponse:
    return HttpResponseRedirect(reverse("imports:detail", args=[found.pk]))


def _to_import(found: Import) -> int:
    """Count the records that would come in, as far as a whole dry run has told."""
    if found.rehearsal is None or found.rehearsal.status != Job.Status.DONE:
        return found.records
    accepted: int = found.rehearsal.result.get("accepted", 0)
    return min(accepted, found.records)


def _result_url(found: Import) -> str:
    if found.batch_id is not None:
        return reverse("intake:batch", args=[found.batch_id])
    return reverse("imports:detail", args=[found.pk])


def _progress(found: Import) -> dict[str, Any]:
    running = next((job for job in (found.job, found.rehearsal) if job and job.is_open), None)
    return {
        "found": found,
        "running": running,
        "time_left": running.time_left(clock.now()) if running else None,
        "is_ending": running is not None and hasattr(running, "cancellation"),
        "is_import": running is not None and running == found.job,
    }


def _told(rows: list[Finding], request: StaffRequest) -> list[tuple[Finding, telling.Told]]:
    told = telling.told(rows, with_content=request.user.may(Permission.VIEW_CONTENT))
    return list(zip(rows, told, strict=True))


def _list_page(request: StaffRequest, form: UploadForm, status: int = 200) -> HttpResponse:
    page = keyset_page(request, Import.objects.visible_to(request.user).for_page(), by=["-pk"])
    context = {
        "form": form,
        "page": page,
        "older_url": older_url(request, page.older),
        "sources": Source.objects.order_by("slug").values_list("slug", flat=True)[:MOST_SOURCES],
    }
    return render_page(request, "imports/list.html", context, status=status)
