from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_list_or_404, get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from policies import comparisons, exports, operations, queries, readers, rules
from policies.files import folders
from policies.forms import INLINE, SIDES, ComparisonForm, PublicationForm, ReasonForm
from policies.models import ClauseVersion, Policy, PolicyGap, PolicyVersion, Retirement
from trust.access import needs
from trust.htmx import StaffRequest, render_page
from trust.pagination import keyset_page
from trust.permissions import Permission

VERSIONS_OFFERED = 100

# ── Reading ──────────────────────────────────────────────


@require_GET
@needs(Permission.READ_POLICIES)
def policy_list(request: StaffRequest) -> HttpResponse:
    policies = Policy.objects.visible_to(request.user).for_list_page()
    page = keyset_page(request, policies, by=["position", "pk"])
    unread = readers.unread_by(request.user)
    context = {"page": page, "sees_drafts": _sees_drafts(request), "unread": unread, **_tabs(request)}
    context["may_draft"] = request.user.may(Permission.DRAFT_POLICY)
    return render_page(request, "policies/list.html", context)


@require_GET
@needs(Permission.READ_POLICIES)
def policy(request: StaffRequest, key: str) -> HttpResponse:
    """The version in force; the newest retired one when none is."""
    versions = _readable(request).filter(policy__key=key).exclude(status__in=["draft", "in_review"])
    version = versions.order_by("-number").first()
    if version is None:
        version = get_object_or_404(_readable(request), policy__key=key)
    return _policy_page(request, version)


@require_GET
@needs(Permission.READ_POLICIES)
def policy_at(request: StaffRequest, key: str, number: int) -> HttpResponse:
    return _policy_page(request, get_object_or_404(_readable(request), policy__key=key, number=number))


@require_GET
@needs(Permission.READ_POLICIES)
def history(request: StaffRequest, key: str) -> HttpResponse:
    policy = get_object_or_404(Policy.objects.visible_to(request.user), key=key)
    versions = PolicyVersion.objects.visible_to(request.user).filter(policy=policy)
    page = keyset_page(request, versions.select_related("created_by", "approved_by", "policy"), by=["-number"])
    context = {"page": page, **_head(request, policy, tab="history")}
    return render_page(request, "policies/history.html", context)


@require_GET
@needs(Permission.READ_POLICIES)
def clause(request: StaffRequest, key: str) -> HttpResponse:
    """The clause in force; as it last was when its policy is not in force any more."""
    texts = _texts(request, key).exclude(version__status__in=["draft", "in_review"])
    text = texts.order_by("-version__number").first() or get_object_or_404(_texts(request, key))
    return _clause_page(request, text)


@require_GET
@needs(Permission.READ_POLICIES)
def clause_at(request: StaffRequest, key: str, number: int) -> HttpResponse:
    return _clause_page(request, get_object_or_404(_texts(request, key), version__number=number))


@require_GET
@needs(Permission.READ_POLICIES)
def text(request: StaffRequest, pk: int) -> HttpResponse:
    """Lead to the page of a text that notes are about: of a draft to its editor, for whom writes there."""
    texts = ClauseVersion.objects.with_names()
    text = get_object_or_404(texts, pk=pk, version__in=PolicyVersion.objects.visible_to(request.user))
    if text.version.status == "draft" and request.user.may(Permission.DRAFT_POLICY):
        return HttpResponseRedirect(reverse("policies:draft", args=[text.clause.key]))
    return HttpResponseRedirect(text.get_absolute_url())


# ── Comparing ────────────────────────────────────────────


@require_GET
@needs(Permission.READ_POLICIES)
def choose(request: StaffRequest, key: str) -> HttpResponse:
    """Lead to the comparison that was asked for; ask which when that cannot be told."""
    versions = _choices(request, key)
    form = ComparisonForm(versions, request.GET) if request.GET else _newest_two(versions)
    if form.is_valid():
        chosen = form.cleaned_data
        address = reverse("policies:compare", args=[key, chosen["old"], chosen["new"]])
        return HttpResponseRedirect(f"{address}?look={INLINE}" if chosen["look"] == INLINE else address)
    context = {"form": form, "version": versions[0], **_head(request, versions[0].policy, tab="compare")}
    return render_page(request, "policies/choose.html", context, status=422 if form.errors else 200)


@require_GET
@needs(Permission.READ_POLICIES)
def compare(request: StaffRequest, key: str, old: int, new: int) -> HttpResponse:
    versions = _readable(request).filter(policy__key=key)
    first, second = (get_object_or_404(versions, number=number) for number in (old, new))
    look = INLINE if request.GET.get("look") == INLINE else SIDES
    choices = {version.number: version for version in (second, first, *_choices(request, key))}
    standing = readers.standing_of(request.user, second) if second.status == PolicyVersion.Status.PUBLISHED else None
    context = {
        "comparison": comparisons.between(first, second),
        "standing": standing,
        "form": ComparisonForm(list(choices.values()), initial={"old": old, "new": new, "look": look}),
        "is_inline": look == INLINE,
        "version": second,
        **_head(request, second.policy, tab="compare"),
    }
    return render_page(request, "policies/compare.html", context)


# ── Files ────────────────────────────────────────────────


@require_GET
@needs(Permission.READ_POLICIES)
def export(request: StaffRequest, key: str, number: int) -> HttpResponse:
    version = get_object_or_404(_readable(request), policy__key=key, number=number)
    return _archive([version], name=f"{key}-{number}")


@require_GET
@needs(Permission.READ_POLICIES)
def export_all(request: StaffRequest) -> HttpResponse:
    return _archive(list(_readable(request).published().order_by("policy__position", "policy_id")), name="policies")


def _archive(versions: list[PolicyVersion], *, name: str) -> HttpResponse:
    response = HttpResponse(folders.archive(exports.files_of(versions)), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    return response


# ── Writing ──────────────────────────────────────────────


@require_GET
@needs(Permission.READ_POLICIES)
def review(request: StaffRequest, key: str, number: int) -> HttpResponse:
    version = _unpublished(request, key, number)
    if version is None:
        return HttpResponseRedirect(reverse("policies:policy_at", args=[key, number]))
    return _review_page(request, version, ReasonForm())


@require_POST
@needs(Permission.DRAFT_POLICY)
def submit(request: StaffRequest, key: str, number: int) -> HttpResponse:
    version = get_object_or_404(_readable(request), policy__key=key, number=number)
    operations.submit_for_review(version, by=request.user)
    messages.success(request, _("Version %(number)s waits for an approver.") % {"number": number})
    return HttpResponseRedirect(_review_url(version))


@require_POST
@needs(Permission.APPROVE_POLICY)
def publish(request: StaffRequest, key: str, number: int) -> HttpResponse:
    version = get_object_or_404(_readable(request), policy__key=key, number=number)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _review_page(request, version, form)
    version = operations.publish_version(version, reason=form.cleaned_data["reason"], by=request.user)
    messages.success(request, _("Version %(number)s is in force.") % {"number": number})
    return HttpResponseRedirect(version.get_absolute_url())


@require_POST
@needs(Permission.APPROVE_POLICY)
def publish_at(request: StaffRequest, key: str, number: int) -> HttpResponse:
    version = get_object_or_404(_readable(request), policy__key=key, number=number)
    form = PublicationForm(request.POST)
    if not form.is_valid():
        return _review_page(request, version, form)
    moment, reason = form.cleaned_data["moment"], form.cleaned_data["reason"]
    operations.publish_at(version, moment=moment, reason=reason, by=request.user)
    messages.success(request, _("Version %(number)s is approved and takes effect by itself.") % {"number": number})
    return HttpResponseRedirect(_review_url(version))


@require_POST
@needs(Permission.APPROVE_POLICY)
def cancel_publication(request: StaffRequest, key: str, number: int) -> HttpResponse:
    version = get_object_or_404(_readable(request), policy__key=key, number=number)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _review_page(request, version, form)
    operations.cancel_publication(version, reason=form.cleaned_data["reason"], by=request.user)
    messages.success(request, _("Version %(number)s waits for an approver again.") % {"number": number})
    return HttpResponseRedirect(_review_url(version))


@require_POST
@needs(Permission.APPROVE_POLICY)
def send_back(request: StaffRequest, key: str, number: int) -> HttpResponse:
    version = get_object_or_404(_readable(request), policy__key=key, number=number)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _review_page(request, version, form)
    operations.send_back(version, reason=form.cleaned_data["reason"], by=request.user)
    messages.success(request, _("Version %(number)s went back to its author.") % {"number": number})
    return HttpResponseRedirect(_review_url(version))


@require_POST
@needs(Permission.DRAFT_POLICY)
def discard(request: StaffRequest, key: str, number: int) -> HttpResponse:
    version = get_object_or_404(_readable(request), policy__key=key, number=number)
    operations.discard_draft(version, by=request.user)
    messages.success(request, _("The draft of version %(number)s is discarded.") % {"number": number})
    is_left = Policy.objects.filter(key=key).exists()
    return HttpResponseRedirect(reverse("policies:policy", args=[key]) if is_left else reverse("policies:list"))


# ── Shared by the views above ────────────────────────────


def _readable(request: StaffRequest) -> Any:
    return PolicyVersion.objects.visible_to(request.user).select_related("policy", "created_by", "approved_by")


def _choices(request: StaffRequest, key: str) -> list[PolicyVersion]:
    """The newest versions that the reader may see, newest first; 404 when there is none."""
    return get_list_or_404(_readable(request).filter(policy__key=key).order_by("-number")[:VERSIONS_OFFERED])


def _newest_two(versions: Sequence[PolicyVersion]) -> ComparisonForm:
    old, new = versions[min(1, len(versions) - 1)], versions[0]
    return ComparisonForm(versions, initial={"old": old.number, "new": new.number})


def _texts(request: StaffRequest, key: str) -> Any:
    texts = ClauseVersion.objects.with_names().filter(clause__key=key)
    return texts.filter(version__in=PolicyVersion.objects.visible_to(request.user))


def _unpublished(request: StaffRequest, key: str, number: int) -> PolicyVersion | None:
    version = get_object_or_404(_readable(request), policy__key=key, number=number)
    return version if version.status in {"draft", "in_review"} else None


def _tabs(request: StaffRequest) -> dict[str, bool]:
    """Say which tabs, that other rooms serve, open to the reader."""
    return {
        "reads_categories": request.user.may(Permission.READ_STATISTICS),
        "writes_acting_rules": request.user.may(Permission.WRITE_ACTING_RULES),
        "reads_suggestions": request.user.may(Permission.SUGGEST_GAPS),
    }


def _sees_drafts(request: StaffRequest) -> bool:
    return request.user.may(Permission.DRAFT_POLICY) or request.user.may(Permission.APPROVE_POLICY)


def _head(request: StaffRequest, policy: Policy, *, tab: str) -> dict[str, Any]:
    """Load what the tabs of a policy read. At most 1 query."""
    draft = policy.versions.unpublished().first() if _sees_drafts(request) else None
    return {
        "policy": policy,
        "tab": tab,
        "draft": draft,
        "may_draft": request.user.may(Permission.DRAFT_POLICY),
        "reads_readers": request.user.may(Permission.READ_READERS),
    }


def _proposal(request: StaffRequest, version: PolicyVersion) -> Retirement | None:
    """The proposal to retire the version that waits for an answer, for those who write and approve."""
    return version.retirements.waiting().first() if _sees_drafts(request) else None


def _review_url(version: PolicyVersion) -> str:
    return reverse("policies:review", args=[version.policy.key, version.number])


def _policy_page(request: StaffRequest, version: PolicyVersion) -> HttpResponse:
    in_force = version.policy.versions.published().first()
    context = {
        "version": version,
        "clauses": version.clauses.select_related("clause").order_by("position", "pk"),
        "in_force": in_force,
        "retirement": _proposal(request, version) if version == in_force else None,
        "standing": readers.standing_of(request.user, in_force) if version == in_force else None,
        "may_look_again": request.user.may(Permission.LOOK_AGAIN) and not version.policy.restricted_category,
        **_head(request, version.policy, tab="read"),
    }
    return render_page(request, "policies/policy.html", context)


def _clause_page(request: StaffRequest, text: ClauseVersion) -> HttpResponse:
    context = {
        "reading": queries.reading(text),
        "text": text,
        "versions": PolicyVersion.objects.visible_to(request.user)
        .filter(clauses__clause=text.clause)
        .order_by("-number")[:10],
        "may_draft": request.user.may(Permission.DRAFT_POLICY),
    }
    return render_page(request, "policies/clause.html", context)


def _review_page(request: StaffRequest, version: PolicyVersion, form: ReasonForm) -> HttpResponse:
    contributions = list(version.contributions.select_related("person").order_by("at", "pk"))
    writers = [one.person_id for one in contributions]
    context = {
        "comparison": comparisons.with_the_one_before(version),
        "version": version,
        "policy": version.policy,
        "draft": version,
        "form": form,
        "publication": form if isinstance(form, PublicationForm) else PublicationForm(),
        "writers": contributions,
        "names_to_come": queries.names_to_come(version),
        "gaps": PolicyGap.objects.drafting().filter(clause__policy=version.policy),
        "refusal_to_submit": rules.refusal_to_submit(version, request.user, writers=writers),
        "refusal_to_publish": rules.refusal_to_publish(version, request.user, writers=writers),
        "may_publish": request.user.may(Permission.APPROVE_POLICY),
        "may_draft": request.user.may(Permission.DRAFT_POLICY),
        "may_edit": request.user.may(Permission.DRAFT_POLICY) and version.status == PolicyVersion.Status.DRAFT,
        "tab": "review",
    }
    return render_page(request, "policies/review.html", context, status=422 if form.errors else 200)
