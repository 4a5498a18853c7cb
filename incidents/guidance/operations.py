"""Every write about suggested gaps: ask for a search, carry it out, take a suggestion into a gap, dismiss it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from incidents.guidance import likeness, queries, rules
from incidents.guidance.likeness.features import how_common
from incidents.guidance.likeness.naming import telling_words
from incidents.guidance.models import Member, Search, Suggestion
from incidents.review.models import Decision
from policies import operations as policies
from policies.models import PolicyGap
from trust import clock
from trust.accounts.models import User
from trust.audit.operations import record
from trust.celery import hint
from trust.refusals import Refused

EVERY: Final = timedelta(days=1)
MOST_OFFERED: Final = 40
_LOST_AFTER: Final = timedelta(minutes=15)  # a search that has not ended by then is begun anew
_DISMISSED_SHARE: Final = 0.5
_LONGEST_WORD: Final = 60
_FIND: Final = ("decision__decided_at", "decision__round__expected_severity")
TASK: Final = "incidents.guidance.tasks.suggest"


@dataclass(frozen=True, slots=True)
class Found:
    decisions: list[int]
    words: list[str]


# ── Searching ────────────────────────────────────────────


@transaction.atomic
def ask(*, by: User) -> Search:
    """Ask for a search; the one that is open, if there is one. Raises Refused."""
    if reason := rules.refusal_to_ask(by):
        raise Refused(reason)
    search = _open_search(by)
    record("gap_search.asked", on=[search], by=by)
    hint(TASK)
    return search


@transaction.atomic
def ask_when_due() -> Search | None:
    """Open a search when the last is a day old and somebody has found since that no policy fits."""
    now = clock.now()
    last = Search.objects.order_by("-pk").first()
    if last and (last.ended_at is None or last.asked_at > now - EVERY):
        return None
    since = last.asked_at if last else None
    news = queries.without_policy().filter(decided_at__gt=since) if since else queries.without_policy()
    return _open_search(None) if news.exists() else None


def wake_searchers() -> None:
    """Wake a worker when a search is open that nobody is at: the hint of who asked may have been lost."""
    if _to_do().exists():
        hint(TASK)


@transaction.atomic
def claim() -> Search | None:
    """Take the open search, unless another process is at it. The time since it was taken is the lease."""
    search = _to_do().select_for_update(skip_locked=True).first()
    if search is not None:
        search.started_at = clock.now()
        search.save(update_fields=["started_at"])
    return search


def look() -> tuple[list[Found], int]:
    """Return what belongs together, and of how many items. Reads and computes for seconds, writes nothing."""
    texts = queries.texts_without_policy()
    elsewhere = queries.texts_elsewhere()
    decisions, contents = list(texts), list(texts.values())
    sets = likeness.alike(contents, elsewhere=how_common(elsewhere), texts_elsewhere=len(elsewhere))
    words = telling_words(contents, sets)
    found = [
        Found([decisions[place] for place in places], [word[:_LONGEST_WORD] for word in telling])
        for places, telling in zip(sets, words, strict=True)
    ]
    return found, len(texts)


@transaction.atomic
def finish(search: Search, found: Sequence[Found], *, items: int) -> None:
    """Offer what was found in place of what was offered before; a search that has ended is left as it is.

    What was decided anew meanwhile is left out. A set is not offered again when half of it was dismissed before.
    """
    search = Search.objects.select_for_update().get(pk=search.pk)
    if search.ended_at is not None:
        return
    search.ended_at = clock.now()
    search.items = items
    search.save(update_fields=["ended_at", "items"])
    Suggestion.objects.select_for_update().offered().delete()
    _let_go_of_what_was_undone()
    standing = set(
        queries.without_policy().filter(pk__in=[pk for f in found for pk in f.decisions]).values_list("pk", flat=True)
    )
    dismissed = set(Member.objects.filter(suggestion__status="dismissed").values_list("decision_id", flat=True))
    offered = 0
    for candidate in found:
        members = [pk for pk in candidate.decisions if pk in standing]
        is_known = len(dismissed.intersection(members)) > _DISMISSED_SHARE * len(members)
        if is_known or len(members) < likeness.SMALLEST or offered == MOST_OFFERED:
            continue
        offered += 1
        suggestion = Suggestion.objects.create(search=search, words=candidate.words, size=len(members))
        Member.objects.bulk_create(Member(suggestion=suggestion, decision_id=pk) for pk in members)


# ── Settling ─────────────────────────────────────────────


@transaction.atomic
def take(suggestion: Suggestion, *, title: str, by: User) -> PolicyGap:
    """Open the gap called ``title``, or join it, with the items that no reviewer put in a gap in their own words.

    What a reviewer wrote is their choice of a gap, and stands. Raises Refused.
    """
    suggestion = _locked(suggestion)
    if reason := rules.refusal_to_settle(suggestion, by):
        raise Refused(reason)
    free = Member.objects.filter(queries.UNNAMED, suggestion=suggestion, decision__in=queries.without_policy())
    rows = list(free.values_list("pk", *_FIND))
    if reason := rules.refusal_to_join(len(rows)):
        raise Refused(reason)

    finds = [policies.Find(at, severity) for _pk, at, severity in rows]
    gap = policies.join_gap(title, finds=finds, by=by)
    Member.objects.filter(pk__in=[pk for pk, _at, _severity in rows]).update(is_joined=True)
    suggestion.gap = gap
    _settle(suggestion, Suggestion.Status.TAKEN, by)
    record("gap_suggestion.taken", on=[suggestion, gap], by=by, data={"items": len(rows)})
    return gap


@transaction.atomic
def dismiss(suggestion: Suggestion, *, by: User) -> None:
    """Say that these items are no gap; it is not offered again. Raises Refused."""
    suggestion = _locked(suggestion)
    if reason := rules.refusal_to_settle(suggestion, by):
        raise Refused(reason)
    _settle(suggestion, Suggestion.Status.DISMISSED, by)
    record("gap_suggestion.dismissed", on=[suggestion], by=by)


def _to_do() -> QuerySet[Search]:
    lost = Q(started_at__isnull=True) | Q(started_at__lt=clock.now() - _LOST_AFTER)
    return Search.objects.filter(lost, ended_at__isnull=True)


def _open_search(by: User | None) -> Search:
    found = Search.objects.filter(ended_at__isnull=True).first()
    if found is None:
        Search.objects.bulk_create([Search(asked_by=by, asked_at=clock.now())], ignore_conflicts=True)
        found = Search.objects.get(ended_at__isnull=True)
    return found


def _let_go_of_what_was_undone() -> None:
    """Count out of their gaps the decisions that joined one by a suggestion and were taken back since."""
    undone = (
        Member.objects.select_for_update(of=("self",))
        .filter(is_joined=True)
        .exclude(Exists(Decision.objects.effective().filter(pk=OuterRef("decision"))))
    )
    for member in undone.select_related("suggestion__gap", "decision__round"):
        assert member.suggestion.gap is not None
        find = policies.Find(member.decision.decided_at, member.decision.round.expected_severity)
        policies.leave_gap(member.suggestion.gap, find=find, by=None)
        member.is_joined = False
        member.save(update_fields=["is_joined"])


def _locked(suggestion: Suggestion) -> Suggestion:
    try:
        return Suggestion.objects.select_for_update().get(pk=suggestion.pk)
    except Suggestion.DoesNotExist:
        raise Refused(rules.newer_search()) from None


def _settle(suggestion: Suggestion, status: Suggestion.Status, by: User) -> None:
    suggestion.status = status
    suggestion.settled_by = by
    suggestion.settled_at = clock.now()
    suggestion.save(update_fields=["status", "gap", "settled_by", "settled_at"])
