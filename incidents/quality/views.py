"""Detectors and sources: what they send, how right it was, what damps them; and the categories that come in."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from incidents.intake.models import DetectorVersion, Source
from incidents.quality import detector_page, queries
from incidents.quality.filters import UNMAPPED, CategoryFilter
from incidents.quality.forms import EVERY, DampingForm, DetectorDampingForm
from incidents.quality.models import Category
from incidents.queues import operations as queues
from incidents.queues.models import Damping
from trust import clock
from trust.access import needs
from trust.filtering import older_url
from trust.htmx import StaffRequest, render_page
from trust.pagination import keyset_page
from trust.permissions import Permission


@require_safe
@needs(Permission.READ_SOURCES)
def detector_list(request: StaffRequest) -> HttpResponse:
    page = keyset_page(request, DetectorVersion.objects.all(), by=["name", "-pk"])
    context = {
        "page": page,
        "rows": detector_page.rows_of(page.rows, request.user, clock.now()),
        "is_exact": request.user.may(Permission.READ_EXACT_STATISTICS),
        "older_url": older_url(request, page.older),
        **detector_page.fewest(),
    }
    return render_page(request, "quality/detectors.html", context)


@require_safe
@needs(Permission.READ_SOURCES)
def detector(request: StaffRequest, pk: int) -> HttpResponse:
    return _detector_page(request, get_object_or_404(DetectorVersion, pk=pk), None)


@require_POST
@needs(Permission.MANAGE_ROUTING)
def damp_detector(request: StaffRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(DetectorVersion, pk=pk)
    form = DetectorDampingForm(request.POST)
    if not form.is_valid():
        return _detector_page(request, found, form)
    is_every = form.cleaned_data["versions"] == EVERY
    target = {"detector": found.name} if is_every else {"detector_version": found}
    damping = queues.damp(form.damping(**target), by=request.user)
    messages.success(request, damping.effect())
    return HttpResponseRedirect(reverse("quality:detector", args=[pk]))


@require_safe
@needs(Permission.READ_SOURCES)
def source(request: StaffRequest, pk: int) -> HttpResponse:
    """The part that the page of a source fetches; alone for who has no script, and where what was sent is wrong."""
    return _source_page(request, get_object_or_404(Source, pk=pk), None)


@require_POST
@needs(Permission.MANAGE_ROUTING)
def damp_source(request: StaffRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Source, pk=pk)
    form = DampingForm(request.POST)
    if not form.is_valid():
        return _source_page(request, found, form)
    damping = queues.damp(form.damping(source=found), by=request.user)
    messages.success(request, damping.effect())
    return HttpResponseRedirect(reverse("intake:source", args=[pk]))


@require_POST
@needs(Permission.MANAGE_ROUTING)
def lift(request: StaffRequest, pk: int) -> HttpResponse:
    damping = queues.lift(get_object_or_404(Damping, pk=pk), by=request.user)
    messages.success(request, _("It counts in full again."))
    if damping.source_id is not None:
        return HttpResponseRedirect(reverse("intake:source", args=[damping.source_id]))
    versions = DetectorVersion.objects.filter(name=damping.detector).order_by("-pk").values_list("pk", flat=True)
    return HttpResponseRedirect(reverse("quality:detector", args=[damping.detector_version_id or versions[0]]))


@require_safe
@needs(Permission.READ_STATISTICS)
def categories(request: StaffRequest) -> HttpResponse:
    """Names of outside taxonomies that came in, unmapped ones unless told; restricted ones are not told."""
    rows = Category.objects.from_outside().not_restricted().with_is_mapped()
    chosen = CategoryFilter.of(request, rows)
    page = keyset_page(request, chosen.qs, by=["-alerts", "-pk"])
    senders = queries.sources_of_categories([category.pk for category in page])
    context = {
        "filter": chosen,
        "page": page,
        "is_exact": request.user.may(Permission.READ_EXACT_STATISTICS),
        "rows": [(category, senders.get(category.pk, [])) for category in page],
        "unmapped_url": f"{request.path}?state={UNMAPPED}",
        "reads_suggestions": request.user.may(Permission.SUGGEST_GAPS),
        "may_read_sources": request.user.may(Permission.READ_SOURCES),
        "older_url": older_url(request, page.older),
    }
    return render_page(request, "quality/categories.html", context)


def _detector_page(request: StaffRequest, found: DetectorVersion, form: DampingForm | None) -> HttpResponse:
    now = clock.now()
    overview = detector_page.overview_of_detector(found, request.user, now)
    context = {
        "detector": found,
        "overview": overview,
        "versions": detector_page.versions_of(found, request.user, now),
        "sources": detector_page.sources_of(found, request.user, now),
        "categories": detector_page.categories_of(found, request.user),
        "thresholds": detector_page.thresholds_of(found),
        "wrong": queries.wrong_reports(found) if overview.is_exact else [],
        "form": form or DetectorDampingForm(),
        "damp_url": reverse("quality:damp_detector", args=[found.pk]),
        **_common(request, form),
    }
    return render_page(request, "quality/detector.html", context, status=422 if form else 200)


def _source_page(request: StaffRequest, found: Source, form: DampingForm | None) -> HttpResponse:
    now = clock.now()
    context = {
        "source": found,
        "overview": detector_page.overview_of_source(found, request.user, now),
        "detectors": detector_page.detectors_of(found, request.user),
        "form": form or DampingForm(),
        "damp_url": reverse("quality:damp_source", args=[found.pk]),
        **_common(request, form),
    }
    return render_page(
        request, "quality/source.html", context, fragment="quality/_source.html", status=422 if form else 200
    )


def _common(request: StaffRequest, form: DampingForm | None) -> dict[str, Any]:
    return {
        "may_damp": request.user.may(Permission.MANAGE_ROUTING),
        "is_open": form is not None,
        "by_accuracy": settings.PRIORITY_BY_ACCURACY,
        **detector_page.fewest(),
    }
