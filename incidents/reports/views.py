from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from incidents.reports import operations, queries
from incidents.reports.forms import MOST_MESSAGES, ReportForm
from policies.models import ClauseVersion
from trust import clock
from trust.access import needs
from trust.htmx import StaffRequest, render_page
from trust.permissions import Permission
from trust.refusals import Refused


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.REPORT)
def report(request: StaffRequest) -> HttpResponse:
    """The form. "Add a message" answers it with one more row; whatever was typed comes back with what is wrong."""
    clauses = list(ClauseVersion.objects.in_force().select_related("clause", "version"))
    form = ReportForm(request.POST if request.method == "POST" else None, clauses)
    if not form.is_bound:
        return _page(request, form, status=200)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        operations.report(form.alert(), form=form.cleaned_data["form"], by=request.user)
    except Refused as refusal:
        if not refusal.errors:
            raise
        form.take(refusal.errors)
        return _page(request, form, status=422)
    return HttpResponseRedirect(reverse("reports:sent", args=[form.cleaned_data["form"]]))


@require_safe
@needs(Permission.REPORT)
def sent(request: StaffRequest, form: UUID) -> HttpResponse:
    """What became of a report that the person sent."""
    became = queries.what_became_of(form, by=request.user, now=clock.now())
    if became is None:
        raise Http404
    return render_page(request, "reports/sent.html", {"became": became})


def _page(request: StaffRequest, form: ReportForm, *, status: int) -> HttpResponse:
    context = {
        "form": form,
        "may_add": len(form.messages) < MOST_MESSAGES,
        "about": [form[name] for name in ("model", "deployment", "use_case", "language")],
    }
    return render_page(request, "reports/report.html", context, status=status)
