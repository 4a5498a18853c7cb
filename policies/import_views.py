"""The page on which policy staff bring policies in as files: look first, then drafts, never further."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_http_methods

from policies import incoming
from policies.import_form import ArchiveForm
from trust.access import needs
from trust.htmx import StaffRequest, render_page
from trust.permissions import Permission
from trust.refusals import Refused


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.DRAFT_POLICY)
def bring_in(request: StaffRequest) -> HttpResponse:
    """A zip is looked at (nothing is stored), then sent again by the page that shows it, to become drafts."""
    if request.method != "POST":
        return render_page(request, "policies/import.html", {"form": ArchiveForm()})
    form = ArchiveForm(request.POST, request.FILES)
    if not form.is_valid():
        return render_page(request, "policies/import.html", {"form": form}, status=422)
    if "make" in request.POST:
        try:
            return _made(request, form)
        except Refused:  # what changed since the page was made stands on the page of now
            return _looked_at(request, form, status=409)
    return _looked_at(request, form, status=200)


def _made(request: StaffRequest, form: ArchiveForm) -> HttpResponse:
    drafts = incoming.make_drafts(form.documents, by=request.user)
    told = ngettext("%(count)s policy is a draft now.", "%(count)s policies are drafts now.", len(drafts))
    messages.success(request, told % {"count": len(drafts)} if drafts else _("Nothing differs; no draft was made."))
    if len(drafts) == 1:
        return HttpResponseRedirect(reverse("policies:review", args=[drafts[0].policy.key, drafts[0].number]))
    return HttpResponseRedirect(reverse("policies:list"))


def _looked_at(request: StaffRequest, form: ArchiveForm, *, status: int) -> HttpResponse:
    found = incoming.rehearsed(form.documents, by=request.user)
    context = {
        "form": form,
        "again": ArchiveForm(initial={name: form.cleaned_data[name] for name in ("archive", "note")}),
        "policies": found,
        "is_refused": any(one.refusal for one in found),
        "is_new": any(one.number for one in found),
    }
    return render_page(request, "policies/import_preview.html", context, status=status)
