from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from trust import clock
from trust.access import needs
from trust.accounts import links, operations, rules
from trust.accounts.forms import ClearanceForm, PersonForm, RolesForm
from trust.accounts.models import Clearance, User
from trust.filtering import older_url
from trust.htmx import StaffRequest, render_page
from trust.pagination import keyset_page
from trust.permissions import Permission
from trust.refusals import Refused


@require_safe
@needs(Permission.READ_SETTINGS)
def people(request: StaffRequest) -> HttpResponse:
    page = keyset_page(request, User.objects.all(), by=["-pk"])
    context = {
        "tab": "people",
        "reads_settings": True,
        "page": page,
        "older_url": older_url(request, page.older),
        "may_manage": request.user.may(Permission.MANAGE_PEOPLE),
    }
    return render_page(request, "accounts/people.html", context)


@require_safe
@needs(Permission.READ_SETTINGS)
def person(request: StaffRequest, pk: int) -> HttpResponse:
    return _page(request, get_object_or_404(User, pk=pk))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.MANAGE_PEOPLE)
def create(request: StaffRequest) -> HttpResponse:
    form = PersonForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and (made := _created(form, request.user)):
        return _link_page(request, made, links.one_time_link(made))
    context = {"tab": "people", "reads_settings": True, "form": form}
    return render_page(request, "accounts/new_person.html", context, status=422 if form.errors else 200)


def _created(form: PersonForm, by: User) -> User | None:
    """Make the person, or say at its fields what only the operation could judge."""
    values = form.cleaned_data
    try:
        return operations.create_person(values["email"], name=values["name"], roles=values["roles"], by=by)
    except Refused as refusal:
        if not refusal.errors:
            raise
        for field, sentences in refusal.errors.items():
            form.add_error(field, sentences[0])
    return None


# ── Changing one person ──────────────────────────────────


@require_POST
@needs(Permission.MANAGE_PEOPLE)
def change_roles(request: StaffRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    form = RolesForm(request.POST)
    if not form.is_valid():
        return _page(request, person, roles_form=form)
    operations.change_roles(person, roles=form.cleaned_data["roles"], by=request.user)
    return _back(request, pk, _("The roles are changed."))


@require_POST
@needs(Permission.MANAGE_PEOPLE)
def end_account(request: StaffRequest, pk: int) -> HttpResponse:
    operations.end_account(get_object_or_404(User, pk=pk), by=request.user)
    return _back(request, pk, _("The account is ended, with its sessions and keys."))


@require_POST
@needs(Permission.MANAGE_PEOPLE)
def reopen_account(request: StaffRequest, pk: int) -> HttpResponse:
    person = operations.reopen_account(get_object_or_404(User, pk=pk), by=request.user)
    return _link_page(request, person, links.one_time_link(person))


@require_POST
@needs(Permission.MANAGE_PEOPLE)
def make_link(request: StaffRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    return _link_page(request, person, operations.make_link(person, by=request.user))


# ── Clearances ───────────────────────────────────────────


@require_POST
@needs(Permission.MANAGE_PEOPLE)
def grant_clearance(request: StaffRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    form = ClearanceForm(request.POST)
    if not form.is_valid():
        return _page(request, person, clearance_form=form)
    operations.grant_clearance(person, **form.cleaned_data, by=request.user)
    return _back(request, pk, _("Another admin must approve the clearance."))


@require_POST
@needs(Permission.MANAGE_PEOPLE)
def approve_clearance(request: StaffRequest, pk: int, clearance_pk: int) -> HttpResponse:
    clearance = get_object_or_404(Clearance, pk=clearance_pk, person=pk)
    operations.approve_clearance(clearance, by=request.user)
    return _back(request, pk, _("The clearance is in force."))


@require_POST
@needs(Permission.MANAGE_PEOPLE)
def revoke_clearance(request: StaffRequest, pk: int, clearance_pk: int) -> HttpResponse:
    clearance = get_object_or_404(Clearance, pk=clearance_pk, person=pk)
    operations.revoke_clearance(clearance, by=request.user)
    return _back(request, pk, _("The clearance is revoked."))


# ── Shared by the views above ────────────────────────────


def _page(request: StaffRequest, person: User, **forms: Any) -> HttpResponse:
    """``forms``: ``roles_form`` or ``clearance_form`` with what was typed wrong."""
    now = clock.now()
    clearances = list(person.clearances.select_related("granted_by", "approved_by").order_by("-pk"))
    context = {
        "tab": "people",
        "reads_settings": True,
        "shown": person,
        "may_manage": request.user.may(Permission.MANAGE_PEOPLE),
        "roles_form": RolesForm(initial={"roles": person.roles}),
        "clearance_form": ClearanceForm(),
        "clearances": [
            (clearance, clearance.state(now), rules.refusal_to_approve_clearance(clearance, now, request.user))
            for clearance in clearances
        ],
        "refusal_to_change": rules.refusal_to_change_roles(person, request.user),
        "refusal_to_end": rules.refusal_to_end_account(person, request.user),
        **forms,
    }
    return render_page(request, "accounts/person.html", context, status=422 if forms else 200)


def _link_page(request: StaffRequest, person: User, link: str) -> HttpResponse:
    """Show the link in the answer itself: it is nowhere kept."""
    context = {"tab": "people", "reads_settings": True, "shown": person, "link": link}
    return render_page(request, "accounts/link.html", context)


def _back(request: StaffRequest, pk: int, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return HttpResponseRedirect(reverse("accounts:person", args=[pk]))
