from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from incidents.search import finding, operations, queries, registry
from incidents.search.forms import SearchForm, empty_form, form_of
from incidents.search.models import Document
from incidents.search.parsing import FILTERS, Term
from incidents.search.results import address, rows_of, tally_of
from incidents.search.snippets import holds_any, snippets_of
from trust import clock, pagination
from trust.access import needs
from trust.htmx import StaffRequest, render_page
from trust.permissions import Permission
from trust.refusals import Refused
from trust.saved import queries as saved


@require_safe
@needs(Permission.VIEW_CONTENT)
def search(request: StaffRequest) -> HttpResponse:
    if "q" not in request.GET and (start := saved.start_view("search", by=request.user)):
        return HttpResponseRedirect(start.get_absolute_url())
    form = form_of(request.GET["q"]) if request.GET.get("q", "").strip() else empty_form()
    return _show(request, form, before=pagination.place_in_time(request.GET.get("cursor", "")))


@require_safe
@needs(Permission.VIEW_CONTENT)
def counts(request: StaffRequest) -> HttpResponse:
    """Say how many there are: what was found is on the page before it is counted."""
    form = form_of(request.GET.get("q", ""))
    if not form.is_valid():
        raise Refused(str(form.errors["q"][0]), code="invalid", status=422)
    if operations.count_counting(request.user):
        raise Refused(_too_many(), code="too-many", status=429)
    text = form.cleaned_data["q"]
    found = finding.count(form.query, by=request.user, now=clock.now())
    context = {"q": text, "tally": tally_of(found, text, form.query)}
    return render_page(request, "search/counted.html", context, fragment="search/_counts.html")


@require_POST
@needs(Permission.VIEW_CONTENT)
def reveal(request: StaffRequest, pk: int) -> HttpResponse:
    """Show the parts of one document that were looked for, and record that they were seen."""
    document = get_object_or_404(Document, pk=pk)
    item = registry.openness()(request.user, [document.generation_id], clock.now()).get(document.generation_id)
    texts = queries.texts_of_document(document) if item is not None else []
    if item is None or not texts:
        raise Http404
    operations.note_reveal(document, item, by=request.user)
    form = form_of(request.POST.get("q", ""))
    terms = form.query.wanted() if form.is_valid() else []
    context = {"document": document, "item": item, "q": form["q"].value(), "parts": _parts(texts, terms)}
    context["is_counted"] = request.user.may(Permission.REVIEW)  # others have no ledger
    return render_page(request, "search/revealed.html", context, fragment="search/_revealed.html")


# ── Parts ────────────────────────────────────────────────


def _show(
    request: StaffRequest,
    form: SearchForm,
    *,
    before: tuple[datetime, int] | None,
) -> HttpResponse:
    """Show the page; what cannot be searched now says why, and keeps what was typed."""
    text = form.cleaned_data["q"] if form.is_valid() else ""
    context: dict[str, object] = {
        "form": form,
        "q": text,
        "now": clock.now(),
        "shelf": saved.shelf("search", {"q": text} if text else {}, by=request.user),
        "syntax": FILTERS.items(),
        "is_first": before is None,
    }
    wait, status = None, 200
    if form.errors:
        status = 422
    elif text and (wait := operations.count_search(request.user)):
        status = 429
        context["refusal"] = _too_many()
    elif text:
        try:
            context |= _results(request, form, before)
        except Refused as refusal:
            status, context["refusal"] = refusal.status, refusal.sentence
    response = render_page(request, "search/search.html", context, status=status)
    if wait:
        response["Retry-After"] = str(int(wait) + 1)
    return response


def _results(request: StaffRequest, form: SearchForm, before: tuple[datetime, int] | None) -> dict[str, object]:
    text = form.cleaned_data["q"]
    found = finding.search(form.query, by=request.user, now=clock.now(), before=before)
    return {
        "is_searched": True,
        "rows": rows_of(found),
        "tally": tally_of(found.counts, text, form.query) if found.counts else None,
        "counts_url": f"{reverse('search:counts')}?{urlencode({'q': text})}" if before is None else "",
        "older_url": address(text, cursor=pagination.encode(found.older)) if found.older else "",
    }


def _too_many() -> str:
    sentence = _("That is more than %(most)s searches in a minute. Wait a moment, then try again.")
    return sentence % {"most": operations.SEARCHES_A_MINUTE}


def _parts(texts: list[tuple[str, str]], terms: list[Term]) -> Iterable[tuple[str, object]]:
    """Return (role, snippets) of what holds any of ``terms``; of the first part where nothing does."""
    held = [(role, text) for role, text in texts if holds_any(text, terms)] or texts[:1]
    return [(role, snippets_of(text, terms)) for role, text in held]
