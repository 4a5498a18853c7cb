from datetime import UTC, date
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from incidents.statistics import exports, operations, queries
from incidents.statistics.explorer import explore
from incidents.statistics.forms import EXACT, PUBLISHED, PublishedForm, cut_of, form_of
from incidents.statistics.suppression import K
from incidents.statistics.tables import PUBLISHABLE, Across, Cut, Heading, Table
from trust import clock, languages
from trust.access import needs
from trust.htmx import StaffRequest, render_page
from trust.permissions import Permission

NARROWER = {Across.POLICY: Across.CLAUSE, Across.CLAUSE: Across.SEVERITY, Across.SOURCE: Across.VERDICT}


@require_safe
@needs(Permission.READ_STATISTICS)
def explorer(request: StaffRequest) -> HttpResponse:
    """Exact for those who may see exact counts, unless they ask for what may be published; for others the latter."""
    may_see_exact = request.user.may(Permission.READ_EXACT_STATISTICS)
    is_exact = _is_exact(request, default=EXACT if may_see_exact else PUBLISHED)
    today = _today()
    form = form_of(request.GET, is_exact=is_exact, today=today)
    context: dict[str, Any] = {"form": form, "is_exact": is_exact, "may_see_exact": may_see_exact, "k": K}
    if not form.is_valid():
        return render_page(request, "statistics/explorer.html", context, status=400)
    cut = form.cut
    context |= {
        "explorer": explore(cut, today, is_exact=is_exact, drill=lambda column: _drill(cut, column, is_exact=is_exact)),
        "cut": cut,
        "downloads": _downloads(cut, is_exact=is_exact),
        "quarters": form.quarters() if isinstance(form, PublishedForm) else [],
        "why_hidden": exports.why_hidden(),
    }
    return render_page(request, "statistics/explorer.html", context)


@require_safe
@needs(Permission.READ_STATISTICS)
@languages.for_machines()
def export_csv(request: StaffRequest) -> HttpResponse:
    table = _table_to_export(request)
    response = HttpResponse(exports.csv_of(table), content_type="text/csv; charset=utf-8")
    return _as_download(response, table, "csv")


@require_safe
@needs(Permission.READ_STATISTICS)
@languages.for_machines()
def export_json(request: StaffRequest) -> HttpResponse:
    table = _table_to_export(request)
    return _as_download(JsonResponse(exports.document_of(table)), table, "json")


def _table_to_export(request: StaffRequest) -> Table:
    """Return what may be published, unless exact counts are asked for by someone who may see them."""
    is_exact, today = _is_exact(request, default=PUBLISHED), _today()
    cut = cut_of(form_of(request.GET, is_exact=is_exact, today=today))
    table = queries.table(cut, today)
    if not is_exact:
        return table.suppressed()
    operations.note_export(cut, by=request.user)
    return table


def _as_download(response: HttpResponse, table: Table, ending: str) -> HttpResponse:
    response["Content-Disposition"] = f'attachment; filename="{exports.name_of(table, ending)}"'
    return response


def _is_exact(request: StaffRequest, *, default: str) -> bool:
    is_exact = (request.GET.get("view") or default) == EXACT
    if is_exact and not request.user.may(Permission.READ_EXACT_STATISTICS):
        raise PermissionDenied(_("Your role sees statistics with the counts of few actors hidden."))
    return is_exact


def _downloads(cut: Cut, *, is_exact: bool) -> dict[str, str]:
    """Return the addresses of the files: ``published_csv``, ``published_json`` and the exact ones of an exact page."""
    published = {"across": (cut.across if cut.across in PUBLISHABLE else Across.POLICY).value}
    if not is_exact:
        published["from"] = cut.first.isoformat()
    urls = {f"published_{ending}": _url(f"export_{ending}", published) for ending in ("csv", "json")}
    if is_exact:
        exact = {**_asked(cut), "view": EXACT}
        urls |= {f"exact_{ending}": _url(f"export_{ending}", exact) for ending in ("csv", "json")}
    return urls


def _drill(cut: Cut, column: Heading, *, is_exact: bool) -> str:
    """Return the address of what a column is made of, where there is something narrower to see."""
    narrower = NARROWER.get(cut.across)
    if not is_exact or narrower is None or column.key == "none":
        return ""
    return _url("explorer", {**_asked(cut), "across": narrower.value, cut.across.value: column.key})


def _asked(cut: Cut) -> dict[str, str]:
    asked = {"by": cut.by.value, "across": cut.across.value, "from": cut.first.isoformat(), "to": cut.last.isoformat()}
    return {**asked, **cut.named}


def _url(name: str, query: dict[str, str]) -> str:
    return f"{reverse(f'statistics:{name}')}?{urlencode(query)}"


def _today() -> date:
    return clock.now().astimezone(UTC).date()
