from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from incidents.intake.models import Source
from trust.access import needs
from trust.filtering import older_url
from trust.htmx import StaffRequest, render_page
from trust.pagination import keyset_page
from trust.permissions import Permission


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
    }
    return render_page(request, "intake/sources.html", context)


@require_safe
@needs(Permission.READ_SOURCES)
def source(request: StaffRequest, pk: int) -> HttpResponse:
    """What a source sent, batch by batch: numbers, never content."""
    found = get_object_or_404(Source, pk=pk)
    page = keyset_page(request, found.batches.all(), by=["-pk"])
    context = {"source": found, "page": page, "older_url": older_url(request, page.older)}
    return render_page(request, "intake/source.html", context)
