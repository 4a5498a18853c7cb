from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.wellbeing import operations, queries, rules
from incidents.wellbeing.forms import CoveringForm, LimitsForm, OptOutForm
from policies.vocabulary import Severity
from trust import clock
from trust.access import needs
from trust.filtering import older_url
from trust.htmx import StaffRequest, render_page
from trust.pagination import keyset_page
from trust.permissions import Permission


@require_safe
@needs(Permission.REVIEW)
def own(request: StaffRequest) -> HttpResponse:
    """The person's own ledger. No address shows another's, whoever asks."""
    now, by = clock.now(), request.user
    page = keyset_page(request, queries.reveals_of(by), by=["-at", "-pk"])
    titles = queries.categories()
    standing = queries.standing_of(by, now)
    ledger = queries.ledger_of(by, now)
    sums = (ledger.today, ledger.week, ledger.usual)
    context = {
        **_tabs(request, "own"),
        "now": now,
        "ledger": ledger,
        "levels": [(level.value, *(one and one.items[level] for one in sums)) for level in reversed(Severity)],
        "since_break": standing.seconds_since_break // 60 if not _is_rested(standing, now) else 0,
        "on_break_since": standing.break_at,
        "why_enough": rules.bounds_of(standing, now).why,
        "page": page,
        "rows": [(row, [titles[one] for one in row.categories if one in titles]) for row in page],
        "older_url": older_url(request, page.older),
    }
    return render_page(request, "wellbeing/own.html", context)


@require_safe
@needs(Permission.REVIEW)
def choices(request: StaffRequest) -> HttpResponse:
    return _choices(request)


@require_POST
@needs(Permission.REVIEW)
def cover(request: StaffRequest) -> HttpResponse:
    form = CoveringForm(request.POST, categories=queries.categories(), chosen={})
    if not form.is_valid():
        return _choices(request, covering=form)
    operations.cover_for_oneself(form.chosen(), by=request.user)
    return _saved(request, _("Saved. Content is shown to you like this from now on."))


@require_POST
@needs(Permission.REVIEW)
def opt_out(request: StaffRequest) -> HttpResponse:
    form = OptOutForm(request.POST, categories=queries.categories(), opted_out=[])
    if not form.is_valid():
        return _choices(request, opt_outs=form)
    operations.opt_out(form.chosen(), by=request.user)
    return _saved(request, _("Saved. Nobody is told."))


@require_POST
@needs(Permission.REVIEW)
def limit(request: StaffRequest) -> HttpResponse:
    form = LimitsForm(request.POST, limits=None)
    if not form.is_valid():
        return _choices(request, limits=form)
    operations.limit_oneself(form.cleaned_data, by=request.user)
    return _saved(request, _("Saved. Your limits hold from now on."))


@require_safe
@needs(Permission.READ_TEAM_EXPOSURE)
def team(request: StaffRequest) -> HttpResponse:
    weeks = [(week, round((week.seconds or 0) / 3600)) for week in queries.team_weeks()]
    context = {**_tabs(request, "team"), "weeks": weeks, "fewest": rules.FEWEST_PEOPLE}
    return render_page(request, "wellbeing/team.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def everyone(request: StaffRequest) -> HttpResponse:
    """What holds for everyone: read by who reads settings, set by leads and admins."""
    may_set = request.user.may(Permission.MANAGE_WELLBEING)
    if not (may_set or (request.user.may(Permission.READ_SETTINGS) and request.method != "POST")):
        raise PermissionDenied(_("Your role does not open this page."))
    sent = request.POST if request.method == "POST" else None
    covering = CoveringForm(sent, categories=queries.categories(), chosen=queries.coverings_of(None))
    limits = LimitsForm(sent, limits=queries.limits_of(None))
    if sent is not None and covering.is_valid() and limits.is_valid():
        operations.set_for_everyone(limits.cleaned_data, covering.chosen(), by=request.user)
        messages.success(request, _("Saved. It holds for everyone who did not choose stricter or other."))
        return HttpResponseRedirect(reverse("wellbeing:everyone"))
    if not may_set:
        for field in (*covering.fields.values(), *limits.fields.values()):
            field.disabled = True
    is_wrong = bool(covering.errors or limits.errors)
    context = {
        **_tabs(request, "everyone"),
        "may_set": may_set,
        "reads_settings": request.user.may(Permission.READ_SETTINGS),
        "reads_sources": request.user.may(Permission.READ_SOURCES),
        "covering": covering,
        "limits": limits,
    }
    return render_page(request, "wellbeing/everyone.html", context, status=422 if is_wrong else 200)


# ── Parts ────────────────────────────────────────────────


def _choices(
    request: StaffRequest,
    *,
    covering: CoveringForm | None = None,
    opt_outs: OptOutForm | None = None,
    limits: LimitsForm | None = None,
) -> HttpResponse:
    """Show the three forms of the person; one of them as it was sent, where it was wrong. At most 4 queries."""
    by, categories = request.user, queries.categories()
    is_wrong = any((covering, opt_outs, limits))
    context = {
        **_tabs(request, "choices"),
        "covering": covering or CoveringForm(categories=categories, chosen=_covering_of(request)),
        "opt_outs": opt_outs or OptOutForm(categories=categories, opted_out=queries.opted_out_of(by)),
        "limits": limits or LimitsForm(limits=queries.limits_of(by)),
        "for_everyone": queries.limits_of(None),
    }
    return render_page(request, "wellbeing/choices.html", context, status=422 if is_wrong else 200)


def _covering_of(request: StaffRequest) -> Any:
    """Return what the person chose, or what holds for everyone while they chose nothing."""
    return queries.coverings_of(request.user) or queries.coverings_of(None)


def _saved(request: StaffRequest, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return HttpResponseRedirect(reverse("wellbeing:choices"))


def _is_rested(standing: rules.Standing, now: Any) -> bool:
    return rules.is_rested(standing.last_at, standing.break_at, now)


def _tabs(request: StaffRequest, tab: str) -> dict[str, Any]:
    by = request.user
    return {
        "tab": tab,
        "reviews": by.may(Permission.REVIEW),
        "reads_team": by.may(Permission.READ_TEAM_EXPOSURE),
        "reads_everyone": by.may(Permission.MANAGE_WELLBEING) or by.may(Permission.READ_SETTINGS),
    }
