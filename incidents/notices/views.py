from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from incidents.notices import operations
from incidents.notices.models import Mail, OptOut
from trust.htmx import StaffRequest, render_page
from trust.permissions import Role

MOST_SHOWN = 10


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def preferences(request: StaffRequest) -> HttpResponse:
    """Whether one gets mail, and the last of it."""
    if request.method == "POST":
        if request.POST.get("wanted"):
            operations.opt_in(request.user)
        else:
            operations.opt_out(request.user)
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(request.path)
    context = {
        "is_on": settings.IS_EMAIL_ON,
        "is_told": Role.LEAD in request.user.roles,
        "is_wanted": not OptOut.objects.filter(person=request.user).exists(),
        "mails": Mail.objects.filter(person=request.user).order_by("-pk")[:MOST_SHOWN],
    }
    return render_page(request, "notices/preferences.html", context)
