"""How long gaps in the policies take to be answered: a page and its file."""

from __future__ import annotations

from datetime import UTC, timedelta
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from incidents.statistics.forms import DaysForm
from policies import gap_times as clocks
from trust import clock, languages, spreadsheets
from trust.access import needs
from trust.htmx import StaffRequest, render_page
from trust.permissions import Permission

HEADER = ("step", "n", "median_hours", "shortest_hours", "longest_hours", "waiting", "from", "to")
_HOUR = timedelta(hours=1)


@require_safe
@needs(Permission.READ_STATISTICS)
def gap_times(request: StaffRequest) -> HttpResponse:
    form = _form(request)
    if not form.is_valid():
        return render_page(request, "statistics/gap_times.html", {"form": form}, status=400)
    days = form.cleaned_data
    query = urlencode({name: days[name].isoformat() for name in ("from", "to")})
    context = {
        "form": form,
        "steps": clocks.times(days["from"], days["to"]),
        "download": f"{reverse('statistics:gap_times_csv')}?{query}",
    }
    return render_page(request, "statistics/gap_times.html", context)


@require_safe
@needs(Permission.READ_STATISTICS)
@languages.for_machines()
def gap_times_csv(request: StaffRequest) -> HttpResponse:
    form = _form(request)
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        raise BadRequest(f"{name}: {errors[0]}")
    first, last = form.cleaned_data["from"], form.cleaned_data["to"]
    rows = (
        [step.name, step.count, *map(_hours, (step.median, step.shortest, step.longest)), step.waiting, *days]
        for step in clocks.times(first, last)
        for days in [(first.isoformat(), last.isoformat())]
    )
    response = HttpResponse(spreadsheets.csv_text(HEADER, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="gaps-{first:%Y%m%d}-{last:%Y%m%d}.csv"'
    return response


def _form(request: StaffRequest) -> DaysForm:
    return DaysForm(request.GET.dict(), clock.now().astimezone(UTC).date())


def _hours(length: timedelta | None) -> float | None:
    return None if length is None else round(length / _HOUR, 2)
