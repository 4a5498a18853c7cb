from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from incidents.impact import operations, queries
from incidents.impact.expected import expected_of
from incidents.impact.forms import AgainForm, MarkForm, SampleForm
from incidents.impact.models import Sample, Sampled
from policies.models import PolicyVersion
from policies.vocabulary import Severity
from trust import clock
from trust.access import needs
from trust.htmx import StaffRequest, render_page
from trust.permissions import Permission
from trust.refusals import Refused


@require_safe
@needs(Permission.READ_POLICIES)
def impact(request: StaffRequest, key: str, number: int) -> HttpResponse:
    return _page(request, _draft(request, key, number))


@require_POST
@needs(Permission.DRAFT_POLICY)
def mark(request: StaffRequest, key: str, number: int, clause: str) -> HttpResponse:
    version = _draft(request, key, number)
    form = MarkForm(request.POST, auto_id=f"id_{clause}_%s")
    if not form.is_valid():
        return _page(request, version, wrong=(clause, form))
    chosen = form.cleaned_data
    operations.mark(
        version, clause, changes_meaning=chosen["changes_meaning"], successor=chosen["successor"], by=request.user
    )
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(_address(version))


@require_POST
@needs(Permission.DRAFT_POLICY)
def take_sample(request: StaffRequest, key: str, number: int) -> HttpResponse:
    version = _draft(request, key, number)
    form = SampleForm(request.POST)
    if not form.is_valid():
        return _page(request, version, sample_form=form)
    operations.take_sample(version, size=form.cleaned_data["size"], by=request.user)
    messages.success(request, _("The sample waits for reviewers: it stands in their My work."))
    return HttpResponseRedirect(_address(version))


# ── Judging again ────────────────────────────────────────


@require_safe
@needs(Permission.REVIEW)
def judge(request: StaffRequest, pk: int) -> HttpResponse:
    """Show the next item of a sample, covered, and the clauses that the draft changes: nothing of what was decided."""
    sample = _sample(pk)
    return _judging(request, sample, queries.offered_to(request.user, sample, clock.now()).first())


@require_POST
@needs(Permission.REVIEW)
def reveal(request: StaffRequest, pk: int, one: int) -> HttpResponse:
    return _revealed(request, _sample(pk), one)


@require_POST
@needs(Permission.REVIEW)
def answer(request: StaffRequest, pk: int, one: int) -> HttpResponse:
    sampled = get_object_or_404(Sampled.objects.for_judging(), pk=one, sample=pk)
    texts = {text.clause.key: text for text in queries.change_of(sampled.sample.version).texts}
    form = AgainForm(request.POST, keys=list(texts))
    if not form.is_valid():
        return _revealed(request, sampled.sample, one, form=form)
    text, severity = texts.get(form.cleaned_data["clause"]), form.cleaned_data["severity"]
    if text is not None and severity is None:
        severity = Severity(text.usual_severity)
    try:
        operations.judge_again(
            sampled, clause=text.clause if text else None, severity=severity if text else None, by=request.user
        )
    except Refused as refusal:
        messages.warning(request, refusal.sentence)
    return HttpResponseRedirect(reverse("impact:judge", args=[pk]))


# ── Parts ────────────────────────────────────────────────


def _draft(request: StaffRequest, key: str, number: int) -> PolicyVersion:
    """A version that is not published, for those who write and approve; 404 for everyone else."""
    drafts = PolicyVersion.objects.visible_to(request.user).unpublished().select_related("policy")
    return get_object_or_404(drafts, policy__key=key, number=number)


def _address(version: PolicyVersion) -> str:
    return reverse("impact:impact", args=[version.policy.key, version.number])


def _page(
    request: StaffRequest,
    version: PolicyVersion,
    *,
    wrong: tuple[str, MarkForm] | None = None,
    sample_form: SampleForm | None = None,
) -> HttpResponse:
    now = clock.now()
    change = queries.change_of(version)
    sample = queries.newest_sample(version)
    flips = queries.flips_of(sample) if sample else None
    past, cited = queries.past_of(change, now), queries.cited_in(change, now)
    may_draft = request.user.may(Permission.DRAFT_POLICY)
    forms = {one.key: _mark_form(one) for one in change.clauses if may_draft}
    if wrong and wrong[0] in forms:
        forms[wrong[0]] = wrong[1]
    context = {
        "policy": version.policy,
        "version": version,
        "draft": version,
        "tab": "impact",
        "may_draft": may_draft,
        "change": change,
        "rows": [(one, cited[one.clause_id], forms.get(one.key)) for one in change.clauses],
        "past": past,
        "sample": sample,
        "flips": flips,
        "is_over": sample is not None and change.digest() != sample.digest,
        "expected": expected_of(change, cited, past, flips),
        "sample_form": sample_form or SampleForm(),
        "levels": list(Severity),
    }
    return render_page(request, "impact/impact.html", context, status=422 if wrong or sample_form else 200)


def _mark_form(one: queries.Changed) -> MarkForm:
    initial = {"changes_meaning": "yes" if one.changes_meaning else "no", "successor": one.successor}
    return MarkForm(initial=initial, auto_id=f"id_{one.key}_%s")


def _sample(pk: int) -> Sample:
    return get_object_or_404(Sample.objects.open().select_related("version__policy"), pk=pk)


def _revealed(request: StaffRequest, sample: Sample, one: int, form: AgainForm | None = None) -> HttpResponse:
    """Show the content of one that is offered to the person, and of no other, and record that they saw it."""
    sampled = get_object_or_404(queries.offered_to(request.user, sample, clock.now()), pk=one)
    operations.note_view(sampled, by=request.user)
    return _judging(request, sample, sampled, form=form, is_revealed=True)


def _judging(
    request: StaffRequest,
    sample: Sample,
    sampled: Sampled | None,
    *,
    is_revealed: bool = False,
    form: AgainForm | None = None,
) -> HttpResponse:
    change = queries.change_of(sample.version)
    if change.digest() != sample.digest:
        return render_page(request, "impact/judge.html", {"sample": sample, "is_over": True})
    keys = {one.key for one in change.of_meaning()}
    context: dict[str, Any] = {
        "sample": sample,
        "sampled": sampled,
        "left": queries.left_of(sample, request.user).count(),
        "is_revealed": is_revealed,
        "changed": [text for text in change.texts if text.clause.key in keys],
        "definitions": change.definitions(),
        "others": [text for text in change.texts if text.clause.key not in keys],
        "form": form or AgainForm(keys=[text.clause.key for text in change.texts]),
    }
    if sampled is not None and is_revealed:
        context |= {"messages_to_judge": queries.messages_to_judge(sampled), "language": queries.language_of(sampled)}
    return render_page(request, "impact/judge.html", context, status=422 if form and form.errors else 200)
