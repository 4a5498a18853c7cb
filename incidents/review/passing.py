"""The views by which a holder passes an item on: a short form in a dialog, or on a page of its own without script."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from incidents.queues import operations as queues, queries as queue_queries
from incidents.queues.models import Item, Queue, Round
from incidents.review import going_on
from incidents.review.passing_forms import HandOverForm, HoldForm, MoveForm, PassingForm
from trust import clock
from trust.access import needs
from trust.htmx import StaffRequest, render_page
from trust.integers import read_id
from trust.permissions import Permission
from trust.refusals import Refused


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.REVIEW)
def hold(request: StaffRequest, pk: int) -> HttpResponse:
    round = _round_to_pass(request, pk)
    form = HoldForm(_sent(request), initial=_initial(round), queue=round.queue)

    def act() -> None:
        typed = form.cleaned_data
        queues.hold(round, fence=typed["fence"], until=typed["until"], reason=typed["reason"], by=request.user)

    if not _is_done(form, act):
        return _ask(request, round, form, title=_("Put on hold"), label=_("Hold the item"))
    until = date_format(localtime(form.cleaned_data["until"]), "MONTH_DAY_TIME_FORMAT")
    return _go_on(request, round, _("Item %(item)s is on hold until %(until)s.") % {"item": pk, "until": until})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.REVIEW)
def hand_over(request: StaffRequest, pk: int) -> HttpResponse:
    """Hand over what one holds; a lead also what others hold, and what waits."""
    round = _round_to_pass(request, pk, for_leads=True)
    form = HandOverForm(_sent(request), initial=_initial(round), people=queue_queries.may_be_handed(round, clock.now()))
    is_own = round.lease_by_id == request.user.pk

    def act() -> None:
        to, reason = form.cleaned_data["to"], form.cleaned_data["reason"]
        if is_own:
            queues.hand_over(round, fence=form.cleaned_data["fence"], to=to, reason=reason, by=request.user)
        else:
            queues.assign(round, to=to, reason=reason, by=request.user)

    if not _is_done(form, act):
        return _ask(request, round, form, title=_("Hand over"), label=_("Hand over the item"))
    sentence = _("Item %(item)s waits for %(person)s.") % {"item": pk, "person": form.cleaned_data["to"]}
    if is_own:
        return _go_on(request, round, sentence)
    messages.info(request, sentence)
    return HttpResponseRedirect(reverse("queues:queue", args=[round.queue.slug]))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.REVIEW)
def escalate(request: StaffRequest, pk: int) -> HttpResponse:
    round = _round_to_pass(request, pk)
    form = PassingForm(_sent(request), initial=_initial(round))

    def act() -> None:
        queues.escalate(round, fence=form.cleaned_data["fence"], reason=form.cleaned_data["reason"], by=request.user)

    came_from = round.queue
    if not _is_done(form, act):
        return _ask(request, round, form, title=_("Escalate to a lead"), label=_("Escalate the item"))
    return _go_on(request, round, _("Item %(item)s waits for a lead.") % {"item": pk}, queue=came_from)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.REVIEW)
def decline(request: StaffRequest, pk: int) -> HttpResponse:
    """Send back what was handed to one."""
    round = _round_to_pass(request, pk)
    form = PassingForm(_sent(request), initial=_initial(round))

    def act() -> None:
        queues.decline(round, fence=form.cleaned_data["fence"], reason=form.cleaned_data["reason"], by=request.user)

    if not _is_done(form, act):
        return _ask(request, round, form, title=_("Do not take it"), label=_("Send the item back"))
    messages.info(request, _("Item %(item)s is back in its queue.") % {"item": pk})
    return HttpResponseRedirect(reverse("desk:my_work"))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.MANAGE_QUEUES)
def move(request: StaffRequest, pk: int) -> HttpResponse:
    """Put an item into another queue, or another place of its own."""
    round = _round_to_pass(request, pk, for_leads=True)
    fitting = Queue.objects.visible_to(request.user, clock.now())
    fitting = fitting.filter(restricted_category=round.queue.restricted_category).order_by("position", "pk")
    initial = {**_initial(round), "queue": round.queue_id, "priority": round.priority}
    form = MoveForm(_sent(request), initial=initial, queues=fitting)

    def act() -> None:
        typed = form.cleaned_data
        queues.move(round, to=typed["queue"], priority=typed["priority"], reason=typed["reason"], by=request.user)

    if not _is_done(form, act):
        return _ask(request, round, form, title=_("Move"), label=_("Move the item"))
    names = {"item": pk, "queue": form.cleaned_data["queue"]}
    messages.info(request, _("Item %(item)s waits in %(queue)s.") % names)
    return HttpResponseRedirect(reverse("queues:queue", args=[form.cleaned_data["queue"].slug]))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.REVIEW)
def ask_opinion(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask for a second opinion on what one holds, without deciding it."""
    round = _round_to_pass(request, pk)
    form = PassingForm(_sent(request), initial=_initial(round))

    def act() -> None:
        queues.ask_opinion(round, fence=form.cleaned_data["fence"], reason=form.cleaned_data["reason"], by=request.user)

    if not _is_done(form, act):
        return _ask(request, round, form, title=_("Ask for a second opinion"), label=_("Ask a colleague"))
    names = {"item": pk, "queue": round.queue.name}
    sentence = _("Item %(item)s waits for a second opinion in %(queue)s.") % names
    return _go_on(request, round, sentence, undo=reverse("review:withdraw_opinion", args=[pk]))


@require_POST
@needs(Permission.REVIEW)
def withdraw_opinion(request: StaffRequest, pk: int) -> HttpResponse:
    """Take that back: the item is one's own again, as it was."""
    get_object_or_404(Item.objects.open_to(request.user, clock.now()), pk=pk)
    round = Round.objects.filter(item=pk).order_by("-pk").first()
    if round is None:
        raise Http404
    queues.withdraw_opinion(round, by=request.user)
    return HttpResponseRedirect(reverse("review:item", args=[pk]))


@require_POST
@needs(Permission.REVIEW)
def second_opinion(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask for a second opinion on what was decided."""
    item = get_object_or_404(Item.objects.visible_to(request.user, clock.now()), pk=pk)
    opened = queues.ask_second_opinion(item, by=request.user)
    names = {"item": pk, "queue": opened.queue.name}
    messages.info(request, _("Item %(item)s waits for a second opinion in %(queue)s.") % names)
    return HttpResponseRedirect(reverse("review:item", args=[pk]))


# ── Parts ────────────────────────────────────────────────


def _sent(request: StaffRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _initial(round: Round) -> dict[str, int]:
    return {"round": round.pk, "fence": round.fence}


def _round_to_pass(request: StaffRequest, pk: int, *, for_leads: bool = False) -> Round:
    """Return the round that the form names, else the open one that the person holds, with its queue. 2 or 3 queries.

    With ``for_leads`` a lead gets the open round whoever holds it. Raises Http404.
    """
    rounds = Round.objects.filter(item=pk).select_related("queue", "lease_by").order_by("-pk")
    items = Item.objects.open_to(request.user, clock.now())
    if request.method == "POST":
        sent = read_id(request.POST.get("round", ""))
        if sent is None:
            raise Http404
        round = get_object_or_404(rounds, pk=sent)
        if request.user.pk not in (round.lease_by_id, round.closed_by_id):
            get_object_or_404(items, pk=pk)
        return round
    get_object_or_404(items, pk=pk)
    held = rounds.held_by(request.user, clock.now()).first()
    if held is None and for_leads and request.user.may(Permission.MANAGE_QUEUES):
        held = rounds.filter(status=Round.Status.OPEN).first()
    if held is None:
        raise Http404
    return held


def _is_done(form: PassingForm, act: Callable[[], None]) -> bool:
    """Do it once the form was sent and is right; what is refused stands in the form, with all that was typed."""
    if not form.is_bound or not form.is_valid():
        return False
    try:
        act()
    except Refused as refusal:
        form.take(refusal)
        return False
    return True


def _ask(request: StaffRequest, round: Round, form: PassingForm, *, title: str, label: str) -> HttpResponse:
    context = {"form": form, "round": round, "title": title, "label": label}
    status = form.status if form.errors else 200
    return render_page(request, "review/passing.html", context, fragment="review/_passing.html", status=status)


def _go_on(
    request: StaffRequest, round: Round, sentence: str, *, queue: Queue | None = None, undo: str = ""
) -> HttpResponse:
    """Say what was done, with what takes it back, and go to the next item, or where they learn why none comes."""
    messages.info(request, sentence, extra_tags=undo)
    if claim := going_on.claim_next(request, queue or round.queue):
        return HttpResponseRedirect(reverse("review:item", args=[claim.item_id]))
    return going_on.without_next(request, queue or round.queue)
