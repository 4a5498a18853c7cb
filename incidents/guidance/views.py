from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from incidents.guidance import operations, queries
from incidents.guidance.forms import TitleForm
from incidents.guidance.models import Search, Suggestion
from policies.models import PolicyGap
from trust import clock
from trust.access import needs
from trust.htmx import StaffRequest, render_page
from trust.permissions import Permission


@require_safe
@needs(Permission.SUGGEST_GAPS)
def suggestions(request: StaffRequest) -> HttpResponse:
    return _page(request)


@require_safe
@needs(Permission.READ_POLICIES)
def examples(request: StaffRequest, pk: int) -> HttpResponse:
    """What is in a gap: counts for everyone, items to open for those who may open them."""
    gap = get_object_or_404(PolicyGap.objects.visible_to(request.user), pk=pk)
    context = {"gap": gap, "found": queries.in_gap(gap, request.user, clock.now())}
    return render_page(request, "guidance/examples.html", context, fragment="guidance/_examples.html")


@require_POST
@needs(Permission.SUGGEST_GAPS)
def search(request: StaffRequest) -> HttpResponse:
    operations.ask(by=request.user)
    messages.success(request, _("Items are being compared; look again in a minute."))
    return HttpResponseRedirect(reverse("guidance:suggestions"))


@require_POST
@needs(Permission.SUGGEST_GAPS)
def take(request: StaffRequest, pk: int) -> HttpResponse:
    suggestion = get_object_or_404(Suggestion.objects.visible_to(request.user), pk=pk)
    form = TitleForm(request.POST, auto_id=TitleForm.ids_of(suggestion))
    if not form.is_valid():
        return _page(request, wrong=(suggestion, form))
    gap = operations.take(suggestion, title=form.cleaned_data["title"], by=request.user)
    messages.success(request, _("They are in the gap “%(title)s”.") % {"title": gap.title})
    return HttpResponseRedirect(reverse("policies:gaps"))


@require_POST
@needs(Permission.SUGGEST_GAPS)
def dismiss(request: StaffRequest, pk: int) -> HttpResponse:
    suggestion = get_object_or_404(Suggestion.objects.visible_to(request.user), pk=pk)
    operations.dismiss(suggestion, by=request.user)
    messages.success(request, _("The suggestion is dismissed."))
    return HttpResponseRedirect(reverse("guidance:suggestions"))


def _page(request: StaffRequest, wrong: tuple[Suggestion, TitleForm] | None = None) -> HttpResponse:
    """Show what is offered: ``operations.MOST_OFFERED`` at most, so there are no further pages."""
    offered = list(Suggestion.objects.visible_to(request.user).offered().order_by("-size", "-pk"))
    offers = queries.offers_for(request.user, offered, clock.now())
    forms = {offer.suggestion.pk: TitleForm.naming(offer.suggestion) for offer in offers}
    if wrong:
        forms[wrong[0].pk] = wrong[1]
    context = {
        "rows": [(offer, forms[offer.suggestion.pk]) for offer in offers],
        "search": Search.objects.order_by("-pk").first(),
        "reads_categories": request.user.may(Permission.READ_STATISTICS),
    }
    return render_page(request, "guidance/suggestions.html", context, status=422 if wrong else 200)
