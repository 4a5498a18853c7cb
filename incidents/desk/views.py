from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from incidents.desk import opinions, queries
from incidents.wellbeing import queries as wellbeing
from policies import readers
from trust import clock
from trust.htmx import StaffRequest, render_page


@login_required
@require_safe
def my_work(request: StaffRequest) -> HttpResponse:
    now = clock.now()
    may_review = request.user.may("review")
    context = {
        "now": now,
        "waiting": queries.waiting_for(request.user, now),
        "unread": readers.unread_by(request.user),
        "mentions": queries.mentions_of(request.user, now),
        "decisions": queries.last_decisions(request.user),
        "asked": opinions.asked_by(request.user, now),
        "exposure": wellbeing.standing_of(request.user, now) if may_review else None,
        "may_review": may_review,
        "may_report": request.user.may("report"),
    }
    return render_page(request, "desk/my_work.html", context)
