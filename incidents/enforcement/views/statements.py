"""The page on which policy staff say how actors are told why, for each language."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from incidents.enforcement import operations, statements, telling
from incidents.enforcement.models import StatementTemplate
from incidents.enforcement.statement_form import StatementForm
from policies.models import PolicyVersion
from trust import languages
from trust.access import needs
from trust.htmx import StaffRequest, render_page
from trust.permissions import Permission
from trust.refusals import Refused

MOST_EARLIER = 10


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.READ_POLICIES)
def statement(request: StaffRequest, key: str) -> HttpResponse:
    """Read and write the template of the version in force, in ``?language=``."""
    may_write = request.user.may(Permission.DRAFT_POLICY)
    versions = PolicyVersion.objects.published().select_related("policy").prefetch_related("clauses")
    version = get_object_or_404(versions, policy__key=key)
    asked = request.GET.get("language", "")
    language = asked if asked in languages.NAMES else settings.LANGUAGE_CODE
    standing = telling.template_for(version.pk, language)
    newest = StatementTemplate.objects.filter(version=version, language=language).order_by("-pk")
    own = list(newest.select_related("by")[:MOST_EARLIER])
    if request.method != "POST":
        initial = {"text": standing.text if standing else "", "based_on": own[0].pk if own else 0}
        return _page(request, version, language, StatementForm(initial=initial), own)
    if not may_write:
        raise PermissionDenied(_("Only policy editors say how actors are told."))
    form = StatementForm(request.POST)
    if form.is_valid() and "save" in request.POST:
        try:
            operations.write_template(
                version, language, form.cleaned_data["text"], based_on=form.cleaned_data["based_on"], by=request.user
            )
        except Refused as refusal:
            form.add_error("text" if "text" in refusal.errors else None, refusal.sentence)
        else:
            messages.success(request, _("Saved. Actions that are approved from now on are told so."))
            return HttpResponseRedirect(request.get_full_path())
    return _page(request, version, language, form, own)


def _page(
    request: StaffRequest, version: PolicyVersion, language: str, form: StatementForm, own: list[StatementTemplate]
) -> HttpResponse:
    ours = statements.default_in(language)
    text = form.typed.strip() or ours
    context: dict[str, Any] = {
        "policy": version.policy,
        "version": version,
        "form": form,
        "language": language,
        "languages": languages.NAMES.items(),
        "example": "" if form.errors else telling.example(text, version, language),
        "ours": ours,
        "placeholders": [(f"{{{name}}}", words) for name, words in statements.PLACEHOLDERS.items()],
        "earlier": own,
        "may_write": request.user.may(Permission.DRAFT_POLICY),
    }
    return render_page(request, "enforcement/statement.html", context, status=422 if form.errors else 200)
