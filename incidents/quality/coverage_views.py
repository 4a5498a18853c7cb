"""Coverage of outside taxonomies, and the editor of what each category stands for."""

from __future__ import annotations

from datetime import UTC

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from incidents.quality import coverage
from incidents.quality.forms import MappingForm
from policies import operations as policies
from policies.models import Mapping
from policies.queries import Category
from trust import clock
from trust.access import needs
from trust.htmx import StaffRequest, render_page
from trust.permissions import Permission


@require_safe
@needs(Permission.READ_STATISTICS)
def taxonomies(request: StaffRequest) -> HttpResponse:
    context = {"taxonomies": coverage.overviews(), "reads_suggestions": request.user.may(Permission.SUGGEST_GAPS)}
    return render_page(request, "quality/taxonomies.html", context)


@require_safe
@needs(Permission.READ_STATISTICS)
def taxonomy(request: StaffRequest, name: str, version: str) -> HttpResponse:
    return _page(request, name, version)


@require_POST
@needs(Permission.DRAFT_POLICY)
def map_category(request: StaffRequest, name: str, version: str) -> HttpResponse:
    form = MappingForm(request.POST)
    if not form.is_valid():
        return _page(request, name, version, form)
    category = Category(name, version, form.cleaned_data["category"])
    mapping = policies.map_category(category, form.cleaned_data["clause"], by=request.user)
    messages.success(request, _("The category stands for %(clause)s from now on.") % {"clause": mapping.clause})
    return HttpResponseRedirect(_address(name, version))


@require_POST
@needs(Permission.DRAFT_POLICY)
def unmap_category(request: StaffRequest, pk: int) -> HttpResponse:
    mapping = get_object_or_404(Mapping.objects.select_related("clause"), pk=pk)
    policies.unmap_category(mapping, by=request.user)
    messages.success(request, _("The category stands for %(clause)s no more.") % {"clause": mapping.clause})
    return HttpResponseRedirect(_address(mapping.taxonomy, mapping.taxonomy_version))


def _page(request: StaffRequest, name: str, version: str, form: MappingForm | None = None) -> HttpResponse:
    found = coverage.coverage_of(name, version, clock.now().astimezone(UTC).date())
    if found is None:
        raise Http404
    context = {
        "name": name,
        "version": version,
        "found": found,
        "may_map": request.user.may(Permission.DRAFT_POLICY),
        "is_exact": request.user.may(Permission.READ_EXACT_STATISTICS),
        "form": form or MappingForm(),
        "reads_suggestions": request.user.may(Permission.SUGGEST_GAPS),
    }
    return render_page(request, "quality/taxonomy.html", context, status=422 if form else 200)


def _address(name: str, version: str) -> str:
    return reverse("categories:taxonomy", args=[name, version])
