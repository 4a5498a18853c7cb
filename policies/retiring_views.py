from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from policies import operations, rules
from policies.forms import ReasonForm
from policies.models import Policy, PolicyVersion, Retirement
from trust.access import needs
from trust.htmx import StaffRequest, render_page
from trust.permissions import Permission


@require_GET
@needs(Permission.READ_POLICIES)
def retirement(request: StaffRequest, key: str) -> HttpResponse:
    """Where a policy is proposed to be retired, and decided; for those who write and approve."""
    return _page(request, _policy(request, key), ReasonForm())


@require_POST
@needs(Permission.DRAFT_POLICY)
def propose(request: StaffRequest, key: str) -> HttpResponse:
    policy = _policy(request, key)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, policy, form)
    version = get_object_or_404(policy.versions.published())
    operations.propose_retirement(version, reason=form.cleaned_data["reason"], by=request.user)
    messages.success(request, _("It is proposed to retire this policy; an approver decides."))
    return HttpResponseRedirect(policy.get_absolute_url())


@require_POST
@needs(Permission.APPROVE_POLICY)
def approve(request: StaffRequest, key: str, pk: int) -> HttpResponse:
    policy = _policy(request, key)
    found = get_object_or_404(Retirement, pk=pk, version__policy=policy)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, policy, form)
    operations.approve_retirement(found, reason=form.cleaned_data["reason"], by=request.user)
    messages.success(request, _("The policy is retired; no version is in force."))
    return HttpResponseRedirect(policy.get_absolute_url())


@require_POST
@needs(Permission.READ_POLICIES)
def decline(request: StaffRequest, key: str, pk: int) -> HttpResponse:
    policy = _policy(request, key)
    found = get_object_or_404(Retirement, pk=pk, version__policy=policy)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, policy, form)
    operations.decline_retirement(found, reason=form.cleaned_data["reason"], by=request.user)
    messages.success(request, _("The policy stays in force."))
    return HttpResponseRedirect(policy.get_absolute_url())


def _policy(request: StaffRequest, key: str) -> Policy:
    if not (request.user.may(Permission.DRAFT_POLICY) or request.user.may(Permission.APPROVE_POLICY)):
        raise Http404
    return get_object_or_404(Policy.objects.visible_to(request.user), key=key)


def _page(request: StaffRequest, policy: Policy, form: ReasonForm) -> HttpResponse:
    versions = PolicyVersion.objects.filter(policy=policy)
    in_force = versions.published().first()
    version = in_force or versions.order_by("-number").first()
    waiting = (
        Retirement.objects.waiting().filter(version__policy=policy).select_related("proposed_by", "version").first()
    )
    context = {
        "policy": policy,
        "version": version,
        "in_force": in_force,
        "waiting": waiting,
        "form": form,
        "refusal_to_propose": version and rules.refusal_to_propose_retirement(version, waiting, request.user),
        "refusal_to_approve": waiting and rules.refusal_to_approve_retirement(waiting, waiting.version, request.user),
        "refusal_to_decline": waiting and rules.refusal_to_decline_retirement(waiting, request.user),
        "may_draft": request.user.may(Permission.DRAFT_POLICY),
        "reads_readers": request.user.may(Permission.READ_READERS),
        "tab": "retirement",
    }
    return render_page(request, "policies/retirement.html", context, status=422 if form.errors else 200)
