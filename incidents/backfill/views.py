"""From a version in force to the past items that it might cover: find, look, confirm, follow."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.backfill import operations, queries, rules
from incidents.backfill.forms import FindForm, StartForm
from incidents.backfill.models import Backfill
from incidents.backfill.wording import words_of
from incidents.queues.models import Queue
from policies.models import PolicyVersion
from trust import clock
from trust.access import needs
from trust.filtering import older_url
from trust.htmx import StaffRequest, is_fragment_request, render_page
from trust.pagination import keyset_page
from trust.permissions import Permission
from trust.refusals import Refused


@require_safe
@needs(Permission.LOOK_AGAIN)
def backfills(request: StaffRequest) -> HttpResponse:
    """What was looked at again, newest first."""
    rows = Backfill.objects.visible_to(request.user).select_related("version", "job", "started_by")
    page = keyset_page(request, rows, by=["-pk"])
    context = {"page": page, "older_url": older_url(request, page.older)}
    return render_page(request, "backfill/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.LOOK_AGAIN)
def start(request: StaffRequest, key: str) -> HttpResponse:
    """Ask which items are meant, show how many that are and the newest, and begin once that is confirmed."""
    version = get_object_or_404(PolicyVersion.objects.published().select_related("policy"), policy__key=key)
    sent = request.POST if request.method == "POST" else request.GET
    is_asked = "way" in sent or request.method == "POST"
    may_search = rules.refusal_of_search(request.user) is None
    find = FindForm(sent if is_asked else None, version=version, may_search=may_search)
    if request.method != "POST":
        return _start_page(request, version, find)

    form = StartForm(request.POST, queues=_queues(request))
    if not (find.is_valid() and form.is_valid()):
        return _start_page(request, version, find, form, status=422)
    try:
        begun = operations.start(
            version, way=find.cleaned_data["way"], wanted=find.wanted(), **form.cleaned_data, by=request.user
        )
    except Refused as refusal:  # the page itself, so that nothing typed is lost
        form.add_error(None, refusal.sentence)
        return _start_page(request, version, find, form, status=refusal.status)
    return HttpResponseRedirect(begun.get_absolute_url())


@require_safe
@needs(Permission.LOOK_AGAIN)
def detail(request: StaffRequest, pk: int) -> HttpResponse:
    """How far it is, what came of it, and who was missed."""
    found = _backfill(request, pk)
    missed = queries.missed_by(found, request.user, clock.now())
    page = keyset_page(request, missed, by=["pk"])
    context = _progress(found) | {
        "page": page,
        "older_url": older_url(request, page.older),
        "reads_actors": request.user.may(Permission.READ_ACTORS),
        "standing": queries.standing_of(found),
        "words": words_of(found, request.user),
    }
    return render_page(request, "backfill/detail.html", context)


@require_safe
@needs(Permission.LOOK_AGAIN)
def progress(request: StaffRequest, pk: int) -> HttpResponse:
    """How far the opening is; the page asks again until it ends, and then shows what became of it."""
    found = _backfill(request, pk)
    if not found.job.is_open and is_fragment_request(request):
        response = HttpResponse()
        response["HX-Redirect"] = found.get_absolute_url()
        return response
    return render_page(request, "backfill/_progress.html", _progress(found))


@require_POST
@needs(Permission.LOOK_AGAIN)
def cancel(request: StaffRequest, pk: int) -> HttpResponse:
    found = _backfill(request, pk)
    operations.cancel(found, by=request.user)
    return HttpResponseRedirect(found.get_absolute_url())


# ── Parts ────────────────────────────────────────────────


def _backfill(request: StaffRequest, pk: int) -> Backfill:
    rows = Backfill.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("version__policy", "queue", "started_by", "job__cancellation"), pk=pk)


def _queues(request: StaffRequest) -> Any:
    visible = Queue.objects.visible_to(request.user, clock.now()).filter(restricted_category="")
    return visible.order_by("position", "pk")


def _start_page(
    request: StaffRequest, version: PolicyVersion, find: FindForm, form: StartForm | None = None, *, status: int = 200
) -> HttpResponse:
    """What is confirmed next is what this page shows, also when it is shown again."""
    context: dict[str, Any] = {
        "version": version,
        "policy": version.policy,
        "find": find,
        "refusal": rules.refusal_to_look_again(version, request.user),
    }
    if find.is_bound and find.is_valid() and not context["refusal"]:
        try:
            context |= _found(request, version, find, form)
        except Refused as refusal:
            find.add_error(None, refusal.sentence)
            status = refusal.status
    if find.errors and status == 200:
        status = 422
    return render_page(request, "backfill/start.html", context, status=status)


def _found(request: StaffRequest, version: PolicyVersion, find: FindForm, form: StartForm | None) -> dict[str, Any]:
    now = clock.now()
    past = queries.past_items(version, find.cleaned_data["way"], find.wanted(), by=request.user, now=now)
    shown = {"count": past.count, "digest": past.digest}
    if form is None:
        form = StartForm(queues=_queues(request), initial=shown)
    else:
        form.data = form.data.copy()  # type: ignore[attr-defined]
        form.data.update({name: str(value) for name, value in shown.items()})  # type: ignore[attr-defined]
    return {
        "past": past,
        "form": form,
        "kept": [(name, value) for name in find.fields for value in find.data.getlist(name)],  # type: ignore[attr-defined]
        "sample": queries.sample_of(past, request.user, now),
        "refusal_of_count": rules.refusal_of_count(past.count),
        "too_many": past.count > rules.MOST,
        "sees_items": request.user.may(Permission.MANAGE_QUEUES),
    }


def _progress(found: Backfill) -> dict[str, Any]:
    job = found.job
    return {
        "found": found,
        "running": job if job.is_open else None,
        "time_left": job.time_left(clock.now()),
        "is_ending": job.is_open and hasattr(job, "cancellation"),
    }
