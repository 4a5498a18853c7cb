from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST, require_safe

from incidents.actors.models import Actor
from incidents.queues import operations as queues, queries as queue_queries, rules as queue_rules
from incidents.queues.alone import without_verdicts
from incidents.queues.models import Item, Queue, Round
from incidents.review import (
    caring,
    draft_operations,
    findings,
    going_on,
    group_operations,
    group_panel,
    operations,
    queries,
    repeats,
    rules,
)
from incidents.review.forms import MOST_ROWS, DecisionForm, LetGoForm, typed
from incidents.review.item_page import decision_sentence, found_by_name, group_decision_sentence, item_page
from incidents.review.models import Decision, GroupDecision
from trust import clock, numbers
from trust.access import needs
from trust.accounts.models import User
from trust.htmx import StaffRequest, is_fragment_request, render_page
from trust.integers import read_id
from trust.pagination import PANEL_SIZE, keyset_page
from trust.permissions import Permission
from trust.refusals import Refused


@login_required
@require_safe
def item(request: StaffRequest, pk: int) -> HttpResponse:
    return _show(request, pk, form=None)


@require_POST
@needs(Permission.REVIEW)
def decide(request: StaffRequest, pk: int) -> HttpResponse:
    """Decide and go on to the next item. What cannot be decided comes back with everything that was typed."""
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _show(request, pk, form=form, fragment="review/_decision.html", status=422)
    round = _known_round(request, form.cleaned_data["round"], item=pk)
    try:
        decision = operations.decide(
            round,
            fence=form.cleaned_data["fence"],
            verdict=form.cleaned_data["verdict"],
            findings=form.findings(),
            note=form.cleaned_data["note"],
            wrong=form.cleaned_data["wrong"],
            idempotency_key=f"page-{round.pk}-{form.cleaned_data['fence']}",
            by=request.user,
        )
    except Refused as found:
        refusal = repeats.in_own_words(found, round, by=request.user)
        draft_operations.keep_draft(round, fields=typed(request.POST), by=request.user)
        return _show(request, pk, form=form, refusal=refusal, fragment="review/_decision.html", status=refusal.status)
    return _went_on(request, decision) or _next(request, round.queue, decision=decision)


@require_POST
@needs(Permission.REVIEW)
def ahead(request: StaffRequest, pk: int) -> HttpResponse:
    """Send the next item ahead, before this one is decided, for the page to keep until it is wanted."""
    round, _fence = _round_of(request, pk)
    if queue_queries.asks_to_join(round.queue, request.user):
        return HttpResponse(status=204)
    claim = queues.claim_ahead(round, by=request.user)
    record = _record(request, claim.item_id) if claim else None
    if claim is None or record is None:
        return HttpResponse(status=204)
    operations.note_delivery(record.item, by=request.user)
    response = render(request, "review/_item.html", _context(request, record, form=None, refusal=None))
    response["HX-Replace-Url"] = reverse("review:item", args=[claim.item_id])
    return response


@require_POST
@needs(Permission.REVIEW)
def let_go(request: StaffRequest, pk: int) -> HttpResponse:
    """Give back what was sent ahead and is not wanted, as the page is left; nothing when it was taken up meanwhile."""
    round, _fence = _round_of(request, pk)
    form = LetGoForm(request.POST)
    if form.is_valid():
        queues.let_go_ahead(round, until=form.cleaned_data["until"], by=request.user)
    return HttpResponse(status=204)


@require_POST
@needs(Permission.REVIEW)
def form(request: StaffRequest, pk: int) -> HttpResponse:
    """Answer the decision form with one more violation; nothing is stored."""
    sent = request.POST.copy()
    rows = DecisionForm(sent).violations
    sent["rows"] = str(min(len(rows) + 1, MOST_ROWS))
    return _show(request, pk, form=DecisionForm(sent), fragment="review/_decision.html")


@require_POST
@needs(Permission.REVIEW)
def draft(request: StaffRequest, pk: int) -> HttpResponse:
    """Keep what was typed, as the page sends it while the reviewer types. Nothing is judged."""
    round, _fence = _round_of(request, pk)
    draft_operations.keep_draft(round, fields=typed(request.POST), by=request.user)
    return HttpResponse(status=204)


@require_POST
@needs(Permission.REVIEW)
def renew(request: StaffRequest, pk: int) -> HttpResponse:
    round, fence = _round_of(request, pk)
    until = queues.renew(round, fence=fence, by=request.user)
    return render(request, "review/_lease.html", {"until": until})


@require_POST
@needs(Permission.REVIEW)
def leave(request: StaffRequest, pk: int) -> HttpResponse:
    """A page of the item was left: a beacon, whose answer nobody reads."""
    round, fence = _round_of(request, pk)
    queues.leave(round, fence=fence, by=request.user)
    return HttpResponse(status=204)


@require_POST
@needs(Permission.REVIEW)
def take_again(request: StaffRequest, pk: int) -> HttpResponse:
    round, fence = _round_of(request, pk)
    draft_operations.take_again(round, fence=fence, by=request.user)
    return HttpResponseRedirect(reverse("review:item", args=[pk]))


@require_POST
@needs(Permission.REVIEW)
def release(request: StaffRequest, pk: int) -> HttpResponse:
    round, _fence = _round_of(request, pk)
    queues.release(round, by=request.user)
    return HttpResponseRedirect(reverse("queues:list"))


@require_POST
@needs(Permission.REVIEW)
def skip(request: StaffRequest, pk: int) -> HttpResponse:
    round, _fence = _round_of(request, pk)
    queues.skip(round, by=request.user)
    return _next(request, round.queue)


@require_POST
@needs(Permission.REVIEW)
def undo(request: StaffRequest, pk: int) -> HttpResponse:
    decision = get_object_or_404(_decisions_of(request).select_related("round"), pk=pk)
    operations.undo(decision, by=request.user)
    return HttpResponseRedirect(reverse("review:item", args=[decision.item_id]))


@require_safe
@needs(Permission.REVIEW)
def clause(request: StaffRequest) -> HttpResponse:
    """A fragment for the item's page: the text of a clause that was found by name."""
    text = findings.guidelines().by_key.get(request.GET.get("key", ""))
    if text is None:
        raise Http404
    return render_page(request, "review/_clause.html", {"choice": found_by_name(text)})


@require_POST
@needs(Permission.REVIEW)
def note_exposure(request: StaffRequest, pk: int) -> HttpResponse:
    """Told by the page itself: the content was revealed, or stood open for some seconds more."""
    seconds = request.POST.get("seconds", "0")
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) < 5):
        raise BadRequest("seconds: not a number from 0 to 9999")
    item = get_object_or_404(Item.objects.visible_to(request.user, clock.now()), pk=pk)
    operations.note_exposure(item, seconds=int(seconds), by=request.user)
    return HttpResponse(status=204)


@require_POST
@needs(Permission.REVIEW)
def decide_group(request: StaffRequest, pk: int) -> HttpResponse:
    decision = get_object_or_404(_decisions_of(request), pk=pk)
    whole = group_operations.decide_group(decision, by=request.user)
    messages.info(request, group_decision_sentence(whole))
    return HttpResponseRedirect(reverse("review:item", args=[decision.item_id]))


@require_POST
@needs(Permission.REVIEW)
def split_group(request: StaffRequest, pk: int) -> HttpResponse:
    applied = GroupDecision.objects.filter(decision__in=_decisions_of(request)).select_related("decision__item")
    whole = get_object_or_404(applied, pk=pk)
    many = group_operations.split_group(whole, by=request.user)
    sentence = ngettext("%(many)s decision was taken back.", "%(many)s decisions were taken back.", many)
    messages.info(request, sentence % {"many": numbers.count(many)})
    return HttpResponseRedirect(reverse("review:item", args=[whole.decision.item_id]))


@login_required
@require_safe
def of_actor(request: StaffRequest, pk: int) -> HttpResponse:
    """The actor's items, newest first, with what was decided: a fragment for the actor's page."""
    actor = get_object_or_404(Actor.objects.visible_to(request.user), pk=pk)
    items = Item.objects.open_to(request.user, clock.now()).filter(actor=actor)
    page = keyset_page(request, items.select_related("generation"), by=["-created_at", "-pk"], size=PANEL_SIZE)
    alone = without_verdicts(page.rows, request.user, clock.now())
    address = reverse("review:of_actor", args=[actor.pk])
    context = {
        "actor": actor,
        "rows": queries.with_decisions(page.rows, but_of=alone),
        "is_first": page.is_first,
        "older_url": f"{address}?cursor={page.older}" if page.older else None,
    }
    return render_page(request, "review/of_actor.html", context, fragment="review/_of_actor.html")


# ── Parts ────────────────────────────────────────────────


def _show(
    request: StaffRequest,
    pk: int,
    *,
    form: DecisionForm | None,
    refusal: Refused | None = None,
    fragment: str = "",
    status: int = 200,
) -> HttpResponse:
    """Show the item to who may see its content; to other reviewers that they do not hold it, and what they typed."""
    record = _record(request, pk)
    if record is None:
        return _show_not_held(request, pk, form=form, refusal=refusal)
    held = record.round_held_by(request.user, clock.now())
    try:
        operations.note_view(record.item, held=held, by=request.user)
    except Refused as too_much:
        return _show_not_held(request, pk, form=form, refusal=too_much)
    told = queries.decision_to_tell(request.user, request.GET.get("decided", ""))
    context = _context(request, record, form=form, refusal=refusal) | _told(told, request.user)
    return render_page(request, "review/item.html", context, fragment=fragment if held else "", status=status)


def _record(request: StaffRequest, pk: int) -> queries.ItemRecord | None:
    found = Item.objects.visible_to(request.user, clock.now()).for_record().filter(pk=pk).first()
    return queries.item_record(found, with_content=True) if found else None


def _context(
    request: StaffRequest, record: queries.ItemRecord, *, form: DecisionForm | None, refusal: Refused | None
) -> dict[str, object]:
    by, now = request.user, clock.now()
    held = record.round_held_by(by, now)
    if is_alone := record.is_judged_alone_by(by, now):
        record = record.kept_back()
    if held and form is None:
        form = _form_for(held, by)
    guidelines = findings.guidelines()
    page = item_page(record, held=held, guidelines=guidelines, form=form if held else None, by=by)
    return {
        "page": page,
        "record": record,
        "is_alone": is_alone,
        "item": record.item,
        "now": now,
        "refusal": refusal,
        **queries.passings_of(record.item, held),
        "may_withdraw": held is None and _may_withdraw(record.latest_round, by),
        "may_move": by.may(Permission.MANAGE_QUEUES) and record.is_waiting,
        "typed": None if held else form or _typed_before(record.latest_round, by),
        "care": caring.care_for(record.latest_round, clauses=guidelines.clauses, by=by),
    }


def _told(decision: Decision | None, by: User) -> dict[str, object]:
    """Return what the toast says of the last decision, and what is said at its end. 2 queries, none without one."""
    return {
        "told": decision,
        "told_sentence": decision_sentence(decision) if decision else "",
        "told_alike": group_panel.waiting_alike(decision.item_id) if decision else 0,
        "at_end": caring.sentences_after_item(by, clock.now()) if decision else [],
    }


def _form_for(held: Round, by: User) -> DecisionForm:
    """Return the form with what was typed before, or as it was in the decision just taken back, or empty."""
    hidden = {"round": held.pk, "fence": held.fence}
    if draft := queries.draft_of(held, by):
        return DecisionForm.typed_before(draft.fields, **hidden)
    retracted = queries.last_retracted(held)
    return DecisionForm.about(retracted, **hidden) if retracted else DecisionForm(initial=hidden)


def _typed_before(round: Round | None, by: User) -> DecisionForm | None:
    """Return what was typed and could not be sent, for who does not hold the item. 1 query."""
    draft = queries.draft_of(round, by) if round else None
    return DecisionForm.typed_before(draft.fields) if draft else None


def _show_not_held(
    request: StaffRequest, pk: int, *, form: DecisionForm | None, refusal: Refused | None
) -> HttpResponse:
    if not request.user.may(Permission.REVIEW):
        raise Http404
    item = get_object_or_404(Item.objects.open_to(request.user, clock.now()), pk=pk)
    round = item.rounds.select_related("queue", "lease_by", "closed_by").order_by("-pk").first()
    draft = queries.draft_of(round, request.user) if round else None
    context = {
        "item": item,
        "round": round,
        "form": form or (DecisionForm.typed_before(draft.fields) if draft else None),
        "is_free": round is not None and rules.may_be_theirs_again(round, draft, request.user),
        "refusal": refusal,
        "may_withdraw": _may_withdraw(round, request.user),
    }
    return render(request, "review/not_held.html", context, status=refusal.status if refusal else 403)


def _may_withdraw(round: Round | None, by: User) -> bool:
    """Say whether ``by`` asked for the second opinion that ``round`` waits for, and may take that back. 1 query."""
    if round is None or round.purpose != Round.Purpose.SECOND_OPINION or round.status != Round.Status.OPEN:
        return False
    asked = queue_queries.opinion_asked(round)
    return queue_rules.refusal_to_withdraw_opinion(round, asked, by, now=clock.now()) is None


def _next(request: StaffRequest, queue: Queue, *, decision: Decision | None = None) -> HttpResponse:
    """Go to the next item of the queue, where the toast tells of ``decision``; else to the queues, and say so."""
    if claim := going_on.claim_next(request, queue):
        address = reverse("review:item", args=[claim.item_id])
        if decision and is_fragment_request(request):
            return _put_in_its_place(request, claim.item_id, decision)
        return HttpResponseRedirect(f"{address}?decided={decision.pk}" if decision else address)
    if decision:
        way_back = _("You can take it back in My work.")
        messages.info(request, f"{decision_sentence(decision)} {way_back}")
    return going_on.without_next(request, queue)


def _put_in_its_place(request: StaffRequest, pk: int, decision: Decision) -> HttpResponse:
    """Answer loop.js, which had no item sent ahead, with the next one, instead of sending the browser to its page."""
    request.GET = QueryDict(f"decided={decision.pk}")
    response = _show(request, pk, form=None, fragment="review/_item.html")
    response["HX-Replace-Url"] = reverse("review:item", args=[pk])
    return response


def _went_on(request: StaffRequest, decision: Decision) -> HttpResponse | None:
    """Let the item sent ahead be the reviewer's in full; None when another has it. One given back is not claimed."""
    ahead, fence = (read_id(request.POST.get(name, "")) for name in ("ahead", "ahead_fence"))
    if ahead is None or fence is None:
        return None
    rounds = Round.objects.filter(queue=decision.round.queue_id)
    shown = rounds.select_related("item__actor").filter(pk=ahead).first()
    if shown and shown.lease_by_id is None and shown.status == Round.Status.OPEN:
        messages.info(request, decision_sentence(decision))
        return going_on.to_queues(request)
    if shown is None or shown.lease_by_id != request.user.pk:
        return None
    try:
        until = queues.renew(shown, fence=fence, by=request.user)
    except Refused:
        return None  # someone else has it by now: another is claimed
    operations.note_view(shown.item, held=shown, by=request.user)
    context = {"until": until, "now": clock.now(), **_told(decision, request.user)}
    response = render(request, "review/_went_on.html", context)
    response["X-Next"] = "ahead"
    return response


def _round_of(request: StaffRequest, pk: int) -> tuple[Round, int]:
    """Return the round that the form names and the fence that it carries."""
    round, fence = (read_id(request.POST.get(name, "")) for name in ("round", "fence"))
    if round is None or fence is None:
        raise Http404
    return _known_round(request, round, item=pk), fence


def _known_round(request: StaffRequest, pk: int, *, item: int) -> Round:
    """Return the round with its queue. 1 query, 2 for who never held it: they must not learn of restricted items."""
    round = get_object_or_404(Round.objects.select_related("queue"), pk=pk, item=item)
    if request.user.pk not in (round.lease_by_id, round.closed_by_id):
        get_object_or_404(Item.objects.open_to(request.user, clock.now()), pk=item)
    return round


def _decisions_of(request: StaffRequest) -> QuerySet[Decision]:
    """Return the decisions that the person may take back, so that others' cannot be guessed at."""
    decisions = Decision.objects.filter(item__in=Item.objects.open_to(request.user, clock.now()))
    return decisions if request.user.may(Permission.MANAGE_QUEUES) else decisions.filter(by=request.user)
