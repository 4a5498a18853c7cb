from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from policies import operations, readers
from policies.models import Policy, PolicyVersion
from trust.access import needs
from trust.htmx import StaffRequest, render_page
from trust.pagination import keyset_page
from trust.permissions import Permission

ONLY_UNREAD = "unread"


@require_POST
@needs(Permission.ACKNOWLEDGE_POLICIES)
def acknowledge(request: StaffRequest, key: str, number: int) -> HttpResponse:
    version = get_object_or_404(PolicyVersion.objects.visible_to(request.user), policy__key=key, number=number)
    operations.acknowledge(version, by=request.user)
    messages.success(request, _("It is noted that you read and understood version %(number)s.") % {"number": number})
    return HttpResponseRedirect(version.policy.get_absolute_url())


@require_GET
@needs(Permission.READ_READERS)
def readers_page(request: StaffRequest, key: str) -> HttpResponse:
    """Who has read the version in force and who has not; ``?who=unread`` tells those alone who have not."""
    policy = get_object_or_404(Policy.objects.visible_to(request.user), key=key)
    in_force = policy.versions.published().first()
    people = readers.readers_of(policy, in_force)
    are_to_read = people.count()
    is_narrowed = request.GET.get("who") == ONLY_UNREAD
    context = {
        "page": keyset_page(request, readers.unread(people) if is_narrowed else people, by=["name", "pk"]),
        "have_read": are_to_read - readers.unread(people).count(),
        "are_to_read": are_to_read,
        "is_narrowed": is_narrowed,
        "policy": policy,
        "version": in_force or policy.versions.order_by("-number").first(),
        "in_force": in_force,
        "tab": "readers",
        "reads_readers": True,
    }
    return render_page(request, "policies/readers.html", context)
