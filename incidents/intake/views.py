from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from incidents.intake import queries, telling
from incidents.intake.models import Batch, Source
from trust import languages
from trust.access import needs
from trust.filtering import older_url
from trust.htmx import StaffRequest, render_page
from trust.pagination import keyset_page
from trust.permissions import Permission
from trust.spreadsheets import csv_text

MOST_ROWS: Final = 50_000  # of one download


@require_safe
@needs(Permission.READ_SOURCES)
def source_list(request: StaffRequest) -> HttpResponse:
    page = keyset_page(request, Source.objects.with_last_batch_at(), by=["slug"])
    context = {
        "page": page,
        "older_url": older_url(request, page.older),
        "tab": "sources",
        "reads_settings": request.user.may(Permission.READ_SETTINGS),
        "reads_sources": True,
        "import_url": _import_url(request),
    }
    return render_page(request, "intake/sources.html", context)


@require_safe
@needs(Permission.READ_SOURCES)
def source(request: StaffRequest, pk: int) -> HttpResponse:
    """What a source sent, batch by batch: numbers, never content."""
    found = get_object_or_404(Source, pk=pk)
    page = keyset_page(request, found.batches.all(), by=["-pk"])
    context = {
        "source": found,
        "page": page,
        "older_url": older_url(request, page.older),
        "import_url": _import_url(request),
    }
    return render_page(request, "intake/source.html", context)


def _import_url(request: StaffRequest) -> str:
    """Return where this person imports files, by address: it is a room below; "" where they may not."""
    return reverse("imports:list") if request.user.may(Permission.IMPORT_ALERTS) else ""


@require_safe
@needs(Permission.READ_SOURCES)
def batch(request: StaffRequest, pk: int) -> HttpResponse:
    """What became of one batch. What is wrong with a record may quote content, so not everyone is told all of it."""
    found = get_object_or_404(Batch.objects.select_related("source"), pk=pk)
    page = keyset_page(request, found.rejections.all(), by=["pk"])
    with_content = request.user.may(Permission.VIEW_CONTENT)
    context = _routing(found) | {
        "page": page,
        "told": telling.told(page.rows, with_content=with_content),
        "with_content": with_content,
        "older_url": older_url(request, page.older),
    }
    return render_page(request, "intake/batch.html", context)


@require_safe
@needs(Permission.READ_SOURCES)
def batch_routed(request: StaffRequest, pk: int) -> HttpResponse:
    """How far routing is: the page asks again as long as something waits."""
    found = get_object_or_404(Batch, pk=pk)
    return render_page(request, "intake/_routed.html", _routing(found))


@require_safe
@needs(Permission.READ_SOURCES)
@languages.for_machines()
def batch_rejected(request: StaffRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Batch, pk=pk)
    rejections = found.rejections.order_by("pk")[:MOST_ROWS]
    rows = telling.rows(rejections, with_content=request.user.may(Permission.VIEW_CONTENT))
    header = ["line", "external id", "field", "what is wrong"]
    response = HttpResponse(csv_text(header, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="batch-{found.pk}-rejected.csv"'
    return response


def _routing(found: Batch) -> dict[str, Any]:
    routed = queries.count_routed(found)
    return {
        "batch": found,
        "received": found.accepted + found.duplicates + found.rejected,
        "routed": routed,
        "is_routing": routed < found.accepted,
    }
