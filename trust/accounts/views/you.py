from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_http_methods

from trust import clock, keymap
from trust.accounts import operations
from trust.accounts.forms import TimeZoneForm
from trust.htmx import StaffRequest, render_page
from trust.permissions import Permission

# What people use most; "?" lists the keys of a page in full.
KEYS: Final[list[tuple[Any, dict[str, Any]]]] = [
    (
        gettext_lazy("Everywhere"),
        {
            "keys": gettext_lazy("The keys of this page"),
            "up": gettext_lazy("Up, to where this came from"),
            "propose": gettext_lazy("Propose enforcement"),
            "go_my_work": gettext_lazy("My work"),
            "go_queues": gettext_lazy("Queues"),
            "go_actors": gettext_lazy("Actors"),
            "go_enforcement": gettext_lazy("Enforcement"),
            "go_incidents": gettext_lazy("Incidents"),
            "go_retrospectives": gettext_lazy("Retrospectives"),
            "go_policies": gettext_lazy("Policies"),
            "go_statistics": gettext_lazy("Statistics"),
            "go_audit": gettext_lazy("Audit"),
            "go_settings": gettext_lazy("Settings"),
        },
    ),
    (
        gettext_lazy("Lists"),
        {
            "next": gettext_lazy("Next row"),
            "previous": gettext_lazy("Previous row"),
            "open": gettext_lazy("Open"),
            "create": gettext_lazy("Create"),
            "older": gettext_lazy("Older rows"),
        },
    ),
    (
        gettext_lazy("Two people"),
        {
            "approve": gettext_lazy("Approve, publish, sign, resolve"),
            "decline": gettext_lazy("Decline, ask for changes"),
            "link": gettext_lazy("Link"),
        },
    ),
    (
        gettext_lazy("Item"),
        {
            "reveal": gettext_lazy("Reveal, cover"),
            "violating": gettext_lazy("Violating"),
            "benign": gettext_lazy("Benign"),
            "no_policy_fits": gettext_lazy("No policy fits"),
            "cannot_judge": gettext_lazy("Cannot judge"),
            "find_clause": gettext_lazy("Find a clause"),
            "lower": gettext_lazy("Severity down"),
            "raise": gettext_lazy("Severity up"),
            "quote": gettext_lazy("Quote the selection"),
            "decide": gettext_lazy("Decide and next"),
        },
    ),
]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def settings(request: StaffRequest) -> HttpResponse:
    person = request.user
    form = TimeZoneForm(request.POST if request.method == "POST" else None, initial={"time_zone": person.time_zone})
    if form.is_bound and form.is_valid():
        operations.set_time_zone(person, time_zone=form.cleaned_data["time_zone"])
        messages.success(request, _("Times are shown in your time zone."))
        return HttpResponseRedirect(reverse("accounts:settings"))
    context = {
        "tab": "you",
        "reads_settings": person.may(Permission.READ_SETTINGS),
        "reads_sources": person.may(Permission.READ_SOURCES),
        "form": form,
        "clearances": person.clearances.in_force(clock.now()).order_by("pk"),
        "keys": [(title, _printed(labels)) for title, labels in KEYS],
    }
    return render_page(request, "accounts/settings.html", context, status=422 if form.errors else 200)


def _printed(labels: dict[str, Any]) -> list[tuple[Any, str]]:
    return [(label, keymap.printed(keymap.key_of(action))) for action, label in labels.items()]
