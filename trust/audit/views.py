from django.http import HttpResponse
from django.views.decorators.http import require_safe

from trust.access import needs
from trust.audit import queries
from trust.audit.filters import AuditFilter
from trust.audit.models import AuditEvent
from trust.filtering import older_url
from trust.htmx import StaffRequest, render_page
from trust.pagination import keyset_page
from trust.permissions import Permission


@require_safe
@needs(Permission.READ_AUDIT)
def event_list(request: StaffRequest) -> HttpResponse:
    """Auditors and admins read every event, reviewers and leads their own acts."""
    chosen = AuditFilter.of(request, AuditEvent.objects.visible_to(request.user).for_page())
    page = keyset_page(request, chosen.qs, by=["-at", "-pk"])
    context = {
        "entries": queries.entries(page, reader=request.user),
        "filter": chosen,
        "older_url": older_url(request, page.older),
        "reads_all": request.user.may(Permission.READ_WHOLE_AUDIT),
        "reads_payload": request.user.may(Permission.READ_AUDIT_PAYLOAD),
    }
    return render_page(request, "audit/list.html", context)
