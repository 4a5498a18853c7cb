from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.response.models import Incident
from incidents.retrospectives import exports, facts, operations, queries, rules
from incidents.retrospectives.forms import ActionItemForm, SectionForm, SignOffForm
from incidents.retrospectives.models import ActionItem, Retrospective, Section
from trust.access import needs
from trust.filtering import older_url
from trust.htmx import StaffRequest, render_page
from trust.pagination import keyset_page
from trust.permissions import Permission
from trust.refusals import Refused

# ── Reading ──────────────────────────────────────────────


@require_safe
@needs(Permission.READ_INCIDENTS)
def retrospective_list(request: StaffRequest) -> HttpResponse:
    rows = Retrospective.objects.visible_to(request.user).for_list()
    page = keyset_page(request, rows, by=["-created_at", "-pk"])
    context = {"page": page, "older_url": older_url(request, page.older)}
    return render_page(request, "retrospectives/list.html", context)


@require_safe
@needs(Permission.READ_INCIDENTS)
def of_incident(request: StaffRequest, incident_pk: int) -> HttpResponse:
    """Lead to the incident's retrospective, or offer to start it."""
    incident = get_object_or_404(Incident.objects.visible_to(request.user), pk=incident_pk)
    existing = Retrospective.objects.filter(incident=incident).first()
    if existing:
        return HttpResponseRedirect(existing.get_absolute_url())
    context = {"incident": incident, "refusal": rules.refusal_to_start(incident, request.user)}
    return render_page(request, "retrospectives/start.html", context)


@require_safe
@needs(Permission.READ_INCIDENTS)
def retrospective(request: StaffRequest, pk: int) -> HttpResponse:
    return _page(request, _get(request, pk), ActionItemForm())


@require_safe
@needs(Permission.READ_INCIDENTS)
def fact(request: StaffRequest, pk: int, key: str) -> HttpResponse:
    """List what a fact counts, as it is now: the query behind the number."""
    retrospective = _get(request, pk)
    found = facts.fact(key)
    if found is None or found.counted is None or not request.user.may(found.permission):
        raise Http404
    page = keyset_page(request, queries.counted_rows(found, retrospective), by=["-pk"])
    context = {
        "retrospective": retrospective,
        "fact": found,
        "lines": queries.lines(page),
        "older_url": older_url(request, page.older),
    }
    return render_page(request, "retrospectives/fact.html", context)


@require_safe
@needs(Permission.READ_INCIDENTS)
def export_markdown(request: StaffRequest, pk: int) -> HttpResponse:
    retrospective = _get(request, pk)
    text = exports.as_markdown(exports.export(retrospective))
    response = HttpResponse(text, content_type="text/markdown; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="retrospective-{pk}.md"'
    return response


@require_safe
@needs(Permission.READ_INCIDENTS)
def export_json(request: StaffRequest, pk: int) -> HttpResponse:
    retrospective = _get(request, pk)
    response = JsonResponse(exports.as_json(exports.export(retrospective)), json_dumps_params={"indent": 2})
    response["Content-Disposition"] = f'attachment; filename="retrospective-{pk}.json"'
    return response


# ── Writing ──────────────────────────────────────────────


@require_POST
@needs(Permission.EDIT_INCIDENTS)
def start(request: StaffRequest, incident_pk: int) -> HttpResponse:
    incident = get_object_or_404(Incident.objects.visible_to(request.user), pk=incident_pk)
    retrospective = operations.create_retrospective(incident, by=request.user)
    return HttpResponseRedirect(retrospective.get_absolute_url())


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.EDIT_INCIDENTS)
def section(request: StaffRequest, pk: int, key: str) -> HttpResponse:
    retrospective = _get(request, pk)
    section = get_object_or_404(retrospective.sections.all(), key=key)
    if request.method != "POST":
        return _section_page(request, retrospective, section, SectionForm(section))
    form = SectionForm(section, request.POST)
    if not form.is_valid():
        return _section_page(request, retrospective, section, form, status=422)
    values = form.cleaned_data
    try:
        operations.write_section(
            retrospective, key=key, text=values["text"], version=values["version"], by=request.user
        )
    except Refused as refusal:  # the page itself, so that nothing typed is lost
        section.refresh_from_db()
        return _section_page(request, retrospective, section, form, refusal=refusal, status=refusal.status)
    messages.success(request, _("“%(section)s” is saved.") % {"section": section.get_key_display()})
    return HttpResponseRedirect(f"{retrospective.get_absolute_url()}#{key}")


@require_POST
@needs(Permission.EDIT_INCIDENTS)
def add_action_item(request: StaffRequest, pk: int) -> HttpResponse:
    retrospective = _get(request, pk)
    form = ActionItemForm(request.POST)
    if not form.is_valid():
        return _page(request, retrospective, form)
    operations.add_action_item(retrospective, **form.cleaned_data, by=request.user)
    return HttpResponseRedirect(f"{retrospective.get_absolute_url()}#action-items")


@require_POST
@needs(Permission.EDIT_INCIDENTS)
def remove_action_item(request: StaffRequest, pk: int, item_pk: int) -> HttpResponse:
    operations.remove_action_item(_action_item(request, pk, item_pk), by=request.user)
    return HttpResponseRedirect(reverse("retrospectives:detail", args=[pk]) + "#action-items")


@require_POST
@needs(Permission.READ_INCIDENTS)
def finish_action_item(request: StaffRequest, pk: int, item_pk: int) -> HttpResponse:
    operations.finish_action_item(_action_item(request, pk, item_pk), by=request.user)
    return HttpResponseRedirect(reverse("retrospectives:detail", args=[pk]) + "#action-items")


@require_POST
@needs(Permission.SIGN_OFF_RETROSPECTIVES)
def sign(request: StaffRequest, pk: int) -> HttpResponse:
    retrospective = _get(request, pk)
    form = SignOffForm(request.POST)
    version = form.cleaned_data["version"] if form.is_valid() else 0
    retrospective = operations.sign_off(retrospective, version=version, by=request.user)
    sentence = _("Two people have signed; it is frozen.") if retrospective.is_signed() else _("You have signed.")
    messages.success(request, sentence)
    return HttpResponseRedirect(retrospective.get_absolute_url())


# ── Shared by the views above ────────────────────────────


def _get(request: StaffRequest, pk: int) -> Retrospective:
    return get_object_or_404(Retrospective.objects.visible_to(request.user).for_list(), pk=pk)


def _action_item(request: StaffRequest, pk: int, item_pk: int) -> ActionItem:
    return get_object_or_404(_get(request, pk).action_items.select_related("retrospective"), pk=item_pk)


def _page(request: StaffRequest, retrospective: Retrospective, form: ActionItemForm) -> HttpResponse:
    person = request.user
    sections = {section.key: section for section in retrospective.sections.all()}
    context = {
        "retrospective": retrospective,
        "facts": queries.shown_facts(retrospective, person),
        "sections": [sections[key] for key in Section.Key if key in sections],
        "action_items": retrospective.action_items.select_related("owner").order_by("pk"),
        "signatures": queries.signatures(retrospective),
        "may_write": rules.refusal_to_write(retrospective, person) is None,
        "may_sign": person.may(Permission.SIGN_OFF_RETROSPECTIVES),
        "refusal_to_sign": rules.refusal_to_sign(retrospective, retrospective.version, person),
        "form": form,
    }
    return render_page(request, "retrospectives/detail.html", context, status=422 if form.errors else 200)


def _section_page(
    request: StaffRequest, retrospective: Retrospective, section: Section, form: SectionForm, **more: Any
) -> HttpResponse:
    """``more``: ``status``, and ``refusal`` to show above the form."""
    refusal = more.get("refusal")
    is_stale = refusal is not None and refusal.code == "stale"
    context = {
        "retrospective": retrospective,
        "section": section,
        "form": form,
        "refusal": refusal,
        "is_stale": is_stale,
        "why_not": rules.refusal_to_write(retrospective, request.user),
    }
    return render_page(request, "retrospectives/section.html", context, status=more.get("status", 200))
