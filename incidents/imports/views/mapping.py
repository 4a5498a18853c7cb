"""Which columns of a CSV file hold what: as a table, as JSON, or as someone kept it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from incidents.imports import operations, rules
from incidents.imports.forms import PATHS, ChooseForm, JsonForm, MappingForm, NameForm, as_text
from incidents.imports.models import Import
from incidents.intake import operations as intake, queries as intake_queries
from incidents.intake.formats import columns, generic_csv
from trust.access import needs
from trust.htmx import StaffRequest, render_page
from trust.permissions import Permission
from trust.refusals import Refused


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.IMPORT_ALERTS)
def edit(request: StaffRequest, pk: int) -> HttpResponse:
    found = _import(request, pk)
    if request.method != "POST":
        return _page(request, found, status=200)
    table = MappingForm(found.mapping, request.POST)
    if not table.is_valid():
        return _page(request, found, table=table)
    if "more" in request.POST:  # more rows, as it would be without a script
        return _page(request, found, table=MappingForm(table.typed()), status=200)
    return _map(request, found, table.typed(), table=table)


@require_POST
@needs(Permission.IMPORT_ALERTS)
def edit_json(request: StaffRequest, pk: int) -> HttpResponse:
    found, form = _import(request, pk), JsonForm(request.POST)
    if not form.is_valid():
        return _page(request, found, json_form=form)
    return _map(request, found, form.cleaned_data["mapping"], json_form=form)


@require_POST
@needs(Permission.IMPORT_ALERTS)
def choose(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a mapping that is there. What does not fit this file is said then, and can be changed."""
    found, form = _import(request, pk), ChooseForm(_names(), request.POST)
    if not form.is_valid():
        return _page(request, found, choose_form=form)
    found = operations.take_mapping(found, _named(form.cleaned_data["name"]), by=request.user)
    return _to("mapping" if rules.faults_in_mapping(found, found.mapping) else "detail", found)


@require_POST
@needs(Permission.IMPORT_ALERTS)
def save(request: StaffRequest, pk: int) -> HttpResponse:
    """Keep the mapping of this file under a name."""
    found, form = _import(request, pk), NameForm(request.POST)
    if not form.is_valid():
        return _page(request, found, name_form=form)
    try:
        saved = intake.save_mapping(form.cleaned_data["name"], found.mapping or {}, by=request.user)
    except Refused as refusal:
        form.add_error("name", refusal.sentence)
        return _page(request, found, name_form=form)
    named = {"name": saved.name, "version": saved.version}
    messages.success(request, _("The mapping is kept as %(name)s, version %(version)s.") % named)
    return _to("mapping", found)


def _import(request: StaffRequest, pk: int) -> Import:
    found = get_object_or_404(Import.objects.visible_to(request.user).for_page(), pk=pk)
    if found.format != rules.MAPPED:
        raise Http404
    return found


def _map(request: StaffRequest, found: Import, mapping: dict[str, Any], **typed: Any) -> HttpResponse:
    try:
        operations.map_columns(found, mapping, by=request.user)
    except Refused as refusal:
        if refusal.code != "invalid":
            raise
        faults = rules.faults_in_mapping(found, mapping)
        if json_form := typed.get("json_form"):
            json_form.add_error("mapping", [fault.sentence for fault in faults])
            return _page(request, found, json_form=json_form)
        return _page(request, found, others=typed["table"].blame(faults), **typed)
    return _to("detail", found)


def _to(route: str, found: Import) -> HttpResponse:
    return HttpResponseRedirect(reverse(f"imports:{route}", args=[found.pk]))


def _page(request: StaffRequest, found: Import, *, status: int = 422, **typed: Any) -> HttpResponse:
    """``typed``: forms as they were sent, and ``others``, what is wrong with a mapping but beside no row of it."""
    table: MappingForm = typed.get("table") or MappingForm(found.mapping)
    used = columns.named_in(found.mapping)
    context = {
        "found": found,
        "table": table,
        "others": typed.get("others", []),
        "missing": [] if typed else table.places(rules.faults_in_mapping(found, found.mapping)),
        "json_form": typed.get("json_form") or _json_form(found.mapping),
        "choose_form": typed.get("choose_form") or ChooseForm(_names()),
        "name_form": typed.get("name_form") or NameForm(),
        "paths": PATHS,
        "unused": [column for column in found.columns if column not in used],
        "refusal": rules.refusal_to_map(found, request.user),
    }
    return render_page(request, "imports/mapping.html", context, status=status)


def _json_form(mapping: dict[str, Any] | None) -> JsonForm:
    return JsonForm(initial={"mapping": as_text(mapping)})


def _names() -> list[tuple[str, str]]:
    saved = [
        (one.name, _("%(name)s, version %(version)s") % {"name": one.name, "version": one.version})
        for one in intake_queries.saved_mappings()
    ]
    ready = [(name, _("%(name)s, ready-made") % {"name": name}) for name in generic_csv.names()]
    return [*saved, *ready]


def _named(name: str) -> dict[str, Any]:
    saved = intake_queries.saved_mapping(name)
    mapping: dict[str, Any] = saved.mapping if saved else generic_csv.ready_made(name)
    return mapping
