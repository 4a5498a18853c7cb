from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from incidents.actors.models import Actor
from incidents.enforcement import what_if
from incidents.enforcement.what_if_form import WhatIfForm
from trust import clock
from trust.access import needs
from trust.charts import Bar, BarChart, width_of
from trust.htmx import StaffRequest, render_page
from trust.numbers import count
from trust.patience import at_most
from trust.permissions import Permission

PATIENCE = 10_000  # milliseconds


@require_safe
@needs(Permission.APPROVE_ENFORCEMENT)
def strikes(request: StaffRequest) -> HttpResponse:
    """How many actors have how many strikes, and what another rule would come to."""
    now = clock.now()
    form, today = WhatIfForm(request.GET.dict()), what_if.histogram(now)
    is_asked = bool(set(request.GET) & set(form.fields))
    context: dict[str, Any] = {"tab": "strikes", "may_count": True, "form": form, "chart": _chart(today)}
    if not form.is_valid():
        return render_page(request, "enforcement/strikes.html", context | {"rows": _rows(today, None)}, status=400)
    with at_most(PATIENCE, otherwise=_("Counting takes too long. Ask for fewer days.")):
        found = what_if.what_if(form.rule, now) if is_asked else None
    context |= {"rows": _rows(today, found), "today": today}
    if found:
        context |= _tried(found, form.cleaned_data["threshold"], request)
    return render_page(request, "enforcement/strikes.html", context)


def _tried(found: what_if.WhatIf, threshold: int, request: StaffRequest) -> dict[str, Any]:
    first = found.first(threshold)
    actors = Actor.objects.visible_to(request.user).in_bulk(first)
    return {
        "is_tried": True,
        "threshold": threshold,
        "reached": found.histogram.reaching(threshold),
        "newly": found.newly(threshold),
        "untouched": found.newly_untouched(threshold),
        "no_longer": found.no_longer(threshold),
        "first": [actors[pk] for pk in first if pk in actors],
    }


def _rows(today: what_if.Histogram, found: what_if.WhatIf | None) -> list[tuple[int, int, int | None, int | None]]:
    """Return for each threshold who is there today, who would be, and who of these is not today."""
    tried = found.histogram if found else None
    return [
        (
            threshold,
            today.reaching(threshold),
            tried.reaching(threshold) if tried else None,
            found.newly(threshold) if found else None,
        )
        for threshold in what_if.THRESHOLDS
    ]


def _chart(today: what_if.Histogram) -> BarChart:
    bars = today.bars()
    longest = max(actors for _strikes, actors in bars)
    last = bars[-1][0]
    labels = [str(strikes) if strikes < last else _("%(n)s or more") % {"n": strikes} for strikes, _actors in bars]
    return BarChart(
        summary=_("Actors by the strikes that count now"),
        columns=[_("Strikes"), _("Actors")],
        bars=[
            Bar(label, count(actors), width_of(actors, longest))
            for label, (_strikes, actors) in zip(labels, bars, strict=True)
        ],
    )
