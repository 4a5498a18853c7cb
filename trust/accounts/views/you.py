from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from trust import clock, keymap
from trust.accounts import operations
from trust.accounts.forms import TimeZoneForm
from trust.htmx import StaffRequest, render_page
from trust.permissions import Permission


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
        "form": form,
        "clearances": person.clearances.in_force(clock.now()).order_by("pk"),
        "keys": [(title, _printed(keys)) for title, keys in _groups()],
    }
    return render_page(request, "accounts/settings.html", context, status=422 if form.errors else 200)


def _groups() -> list[tuple[str, dict[str, str]]]:
    return [
        (_("Everywhere"), keymap.EVERYWHERE),
        (_("Lists"), keymap.LISTS),
        (_("Two people"), keymap.TWO_PEOPLE),
        (_("Item"), keymap.ITEM),
    ]


def _printed(keys: dict[str, str]) -> list[tuple[str, str]]:
    return [(name.replace("_", " "), keymap.printed(key)) for name, key in keys.items()]
