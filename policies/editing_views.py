"""The pages on which policy staff write: one clause of a draft, and the draft as a whole."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from policies import editing, operations, outside_form, queries, rules
from policies.about_form import AboutForm
from policies.clause_form import ClauseForm, plain
from policies.forms import NewClauseForm
from policies.models import Clause, ClauseVersion, Policy, PolicyVersion, Typing
from policies.wording import Basis
from trust.access import needs
from trust.htmx import StaffRequest, render_page
from trust.permissions import Permission
from trust.refusals import Refused

# ── One clause ───────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.DRAFT_POLICY)
def draft(request: StaffRequest, key: str) -> HttpResponse:
    clause = _clause(key)
    if request.method != "POST":
        return _desk_page(request, clause)
    form = _sent(request, clause)
    if not form.is_valid():
        return _desk_page(request, clause, form)
    try:
        version = operations.draft_clause(
            clause,
            wording=form.wording(),
            change_note=form.cleaned_data["change_note"],
            gap=form.cleaned_data["gap"],
            basis=form.basis_given() or Basis(0, 0),
            by=request.user,
        )
    except operations.ChangedMeanwhile:
        operations.keep_typing(clause, fields=form.typed(), by=request.user)
        return _desk_page(request, clause, status=409)
    messages.success(request, _("Version %(number)s is saved as a draft.") % {"number": version.number})
    return HttpResponseRedirect(reverse("policies:review", args=[clause.policy.key, version.number]))


@require_POST
@needs(Permission.DRAFT_POLICY)
def keep(request: StaffRequest, key: str) -> HttpResponse:
    """Keep what is typed in the form of a clause. The page's script asks for it; nobody reads the answer."""
    clause = _clause(key)
    typed = _sent(request, clause).typed()
    if editing.says_nothing_new(clause, typed):
        operations.drop_typing(clause, by=request.user)
    else:
        operations.keep_typing(clause, fields=typed, by=request.user)
    return HttpResponse(status=204)


@require_POST
@needs(Permission.DRAFT_POLICY)
def drop(request: StaffRequest, key: str) -> HttpResponse:
    clause = _clause(key)
    operations.drop_typing(clause, by=request.user)
    return HttpResponseRedirect(reverse("policies:draft", args=[key]))


@require_POST
@needs(Permission.DRAFT_POLICY)
def preview(request: StaffRequest, key: str) -> HttpResponse:
    """What is typed, as its readers would see it: a fragment. Changes nothing."""
    form = ClauseForm(request.POST)
    return render(request, "policies/_preview.html", {"preview": form.unchecked(), "clause": _clause(key)})


@require_POST
@needs(Permission.DRAFT_POLICY)
def move(request: StaffRequest, key: str) -> HttpResponse:
    text = _drafted(key)
    operations.move_clause(text, places=-1 if request.POST.get("to") == "up" else 1, by=request.user)
    return _outline(text.version)


@require_POST
@needs(Permission.DRAFT_POLICY)
def remove(request: StaffRequest, key: str) -> HttpResponse:
    text = _drafted(key)
    operations.remove_clause(text, by=request.user)
    messages.success(request, _("%(title)s is not in the draft any more.") % {"title": text.title})
    return _outline(text.version)


# ── The draft as a whole ─────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.DRAFT_POLICY)
def outline(request: StaffRequest, key: str) -> HttpResponse:
    policy = get_object_or_404(Policy.objects.visible_to(request.user), key=key)
    if request.method == "POST":
        return _outline(operations.open_draft(policy, by=request.user))
    return _outline_page(request, policy)


@require_POST
@needs(Permission.DRAFT_POLICY)
def about(request: StaffRequest, key: str) -> HttpResponse:
    """Change what the draft says about its policy as a whole."""
    policy, version = _open(request, key)
    form = AboutForm.sent(request.POST)
    if not form.is_valid():
        return _outline_page(request, policy, about=form)
    basis, note = form.basis_given() or Basis(0, 0), form.cleaned_data["change_note"]
    try:
        operations.draft_about(version, about=form.about(), change_note=note, basis=basis, by=request.user)
    except operations.ChangedMeanwhile:
        operations.keep_outline(policy, Typing.Part.ABOUT, fields=form.typed(), by=request.user)
        return _outline_page(request, policy, status=409)
    messages.success(request, _("Version %(number)s is saved as a draft.") % {"number": version.number})
    return _outline(version)


@require_POST
@needs(Permission.DRAFT_POLICY)
def keep_about(request: StaffRequest, key: str) -> HttpResponse:
    """Keep what is typed about a policy. The page's script asks for it; nobody reads the answer."""
    policy, version = _open(request, key)
    typed = AboutForm.sent(request.POST).typed()
    if editing.about_says_nothing_new(version, typed):
        operations.drop_outline(policy, Typing.Part.ABOUT, by=request.user)
    else:
        operations.keep_outline(policy, Typing.Part.ABOUT, fields=typed, by=request.user)
    return HttpResponse(status=204)


@require_POST
@needs(Permission.DRAFT_POLICY)
def keep_new(request: StaffRequest, key: str) -> HttpResponse:
    """Keep what is typed to add a clause, likewise."""
    policy, _version = _open(request, key)
    typed = {name: plain(request.POST.get(name)) for name in NewClauseForm.base_fields}
    if any(typed.values()):
        operations.keep_outline(policy, Typing.Part.NEW, fields=typed, by=request.user)
    else:
        operations.drop_outline(policy, Typing.Part.NEW, by=request.user)
    return HttpResponse(status=204)


@require_POST
@needs(Permission.DRAFT_POLICY)
def drop_outline(request: StaffRequest, key: str) -> HttpResponse:
    policy, version = _open(request, key)
    operations.drop_outline(policy, *Typing.Part.values, by=request.user)
    return _outline(version)


@require_POST
@needs(Permission.DRAFT_POLICY)
def add(request: StaffRequest, key: str) -> HttpResponse:
    policy, version = _open(request, key)
    form = NewClauseForm(request.POST)
    if not form.is_valid():
        return _outline_page(request, policy, form)
    clause_key = f"{policy.key}.{form.cleaned_data['key']}"
    try:
        text = operations.add_clause(version, key=clause_key, title=form.cleaned_data["title"], by=request.user)
    except Refused as refusal:
        if "key" not in refusal.errors:
            raise
        form.add_error("key", refusal.sentence)
        return _outline_page(request, policy, form)
    return HttpResponseRedirect(reverse("policies:draft", args=[text.clause.key]))


# ── Shared by the views above ────────────────────────────


def _clause(key: str) -> Clause:
    return get_object_or_404(Clause.objects.select_related("policy"), key=key)


def _open(request: StaffRequest, key: str) -> tuple[Policy, PolicyVersion]:
    """Return a policy with its draft."""
    policy = get_object_or_404(Policy.objects.visible_to(request.user), key=key)
    return policy, get_object_or_404(policy.versions.unpublished().select_related("policy"))


def _sent(request: StaffRequest, clause: Clause) -> ClauseForm:
    return ClauseForm(request.POST, is_new=editing.is_new(clause))


def _drafted(key: str) -> ClauseVersion:
    drafts = PolicyVersion.objects.unpublished()
    return get_object_or_404(ClauseVersion.objects.with_names(), clause__key=key, version__in=drafts)


def _outline(version: PolicyVersion) -> HttpResponse:
    return HttpResponseRedirect(reverse("policies:outline", args=[version.policy.key]))


def _desk_page(
    request: StaffRequest, clause: Clause, form: ClauseForm | None = None, *, status: int = 200
) -> HttpResponse:
    desk = editing.desk_of(clause, request.user)
    if desk is None:
        raise Http404
    context: dict[str, Any] = {
        "desk": desk,
        "clause": clause,
        "in_force": desk.in_force,
        "draft": desk.draft,
        "form": form or ClauseForm.of(desk.raw, is_new=desk.is_new),
        "suggestions": outside_form.suggestions() if desk.is_new else {},
        "outside_names": [] if desk.is_new else queries.outside_names(clause),
        "preview": form.unchecked() if form else ClauseForm(desk.raw).unchecked(),
        "clashes": [] if form else desk.clashes,
        "is_restored": form is None and desk.is_restored and not desk.clashes,
        "refusal": rules.refusal_to_draft(desk.draft, request.user),
    }
    return render_page(request, "policies/draft.html", context, status=422 if form else status)


def _outline_page(
    request: StaffRequest,
    policy: Policy,
    form: NewClauseForm | None = None,
    *,
    about: AboutForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show the draft. ``form`` and ``about`` are forms with errors."""
    version = policy.versions.unpublished().select_related("policy", "created_by").first()
    newest = version or policy.versions.order_by("-number").first()
    desk = editing.outline_desk(version, request.user) if version else None
    context = {
        "policy": policy,
        "about": about or (desk and desk.about),
        "clashes": desk.clashes if desk and not about else [],
        "is_restored": desk is not None and about is None and desk.is_restored,
        "version": newest,
        "draft": version,
        "clauses": newest.clauses.select_related("clause").order_by("position", "pk") if newest else [],
        "writers": version.contributions.select_related("person").order_by("at", "pk") if version else [],
        "form": form or NewClauseForm(initial=desk.new_clause if desk else None),
        "refusal": rules.refusal_to_draft(version, request.user),
        "tab": "draft",
    }
    return render_page(request, "policies/outline.html", context, status=422 if form or about else status)
