"""The clock of gaps: what drafting, publishing, retiring and enforcing do to it, and what is kept of each turn.

Whoever calls these holds the policy's lock where a version is concerned; a gap is locked after it.
"""

from __future__ import annotations

from itertools import count
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q

from policies import rules
from policies.models import Clause, ClauseVersion, GapEvent, PolicyGap, PolicyGapQuerySet, PolicyVersion
from trust import clock
from trust.accounts.models import User
from trust.audit.operations import record
from trust.refusals import Refused

Kind = GapEvent.Kind
ONE_OPEN: Final = "policygap_one_open_by_title"
_TITLE: Final = 180  # characters of a title that is told apart by a number


def locked_gap(gap: PolicyGap) -> PolicyGap:
    return PolicyGap.objects.select_for_update(of=("self",)).select_related("clause").get(pk=gap.pk)


def note(gap: PolicyGap, kind: GapEvent.Kind, *, by: User | None, **told: Any) -> None:
    """Write down what happens to a gap now. The gap is locked, or new."""
    GapEvent.objects.create(gap=gap, clock_number=gap.clock_number, kind=kind, at=clock.now(), by=by, **told)


def take_up(gap: PolicyGap, clause: Clause, *, version: PolicyVersion, by: User) -> PolicyGap:
    """Note that a draft's clause is to close a gap; its clock says drafted. Raises Refused."""
    gap = locked_gap(gap)
    if gap.status == PolicyGap.Status.DRAFTING and gap.clause_id == clause.pk:
        return gap
    if reason := rules.refusal_to_take_up(gap):
        raise Refused(reason)
    gap.status = PolicyGap.Status.DRAFTING
    gap.clause = clause
    gap.drafted_at = clock.now()
    gap.save(update_fields=["status", "clause", "drafted_at"])
    note(gap, Kind.DRAFTED, clause_key=clause.key, version_number=version.number, by=by)
    return gap


def drop(gaps: PolicyGapQuerySet, *, version: PolicyVersion, by: User) -> None:
    """Open gaps again whose clause left its draft, in the clock that runs: they were never drafted."""
    for gap in gaps.drafting().select_for_update(of=("self",)).select_related("clause").order_by("pk"):
        key = gap.clause.key if gap.clause else ""
        gap.status = PolicyGap.Status.OPEN
        gap.clause = None
        gap.drafted_at = None
        gap.save(update_fields=["status", "clause", "drafted_at"])
        note(gap, Kind.DROPPED, clause_key=key, version_number=version.number, by=by)


def cover(version: PolicyVersion, *, by: User | None) -> list[PolicyGap]:
    """Note that ``version``, which is in force from now, covers the gaps that its draft was to close."""
    drafting = PolicyGap.objects.drafting().filter(clause__in=version.clauses.values("clause"))
    gaps = list(drafting.select_for_update(of=("self",)).select_related("clause").order_by("pk"))
    for gap in gaps:
        gap.status = PolicyGap.Status.COVERED
        gap.covered_by = version
        gap.published_at = version.published_at
        gap.save(update_fields=["status", "covered_by", "published_at"])
        note(gap, Kind.COVERED, clause_key=gap.clause.key, version_number=version.number, by=by)  # type: ignore[union-attr]
    return gaps


def note_retired(version: PolicyVersion, *, by: User | None) -> list[PolicyGap]:
    """Open the gaps again that nothing covers now that ``version`` is retired; each gets a new clock.

    Call it in the transaction that retires, once what takes the version's place, if anything does, is published.
    """
    still = ClauseVersion.objects.filter(clause=OuterRef("clause"), version__status=PolicyVersion.Status.PUBLISHED)
    bare = PolicyGap.objects.covered().filter(~Exists(still), clause__policy=version.policy_id)
    gaps = list(bare.select_for_update(of=("self",)).select_related("clause").order_by("pk"))
    for gap in gaps:
        begin_anew(gap, version_number=version.number, by=by)
        record("policy_gap.uncovered", on=[gap, version], by=by)
    return gaps


@transaction.atomic
def note_first_enforcement(text: ClauseVersion, *, by: User | None) -> list[PolicyGap]:
    """Stop the clock of the gaps that these words, or earlier ones of the clause, closed. Usually none.

    Enforcement that rests on older words than those which closed a gap would have come without them: it stops nothing.
    """
    closed = Q(covered_by__isnull=True) | Q(covered_by__number__lte=text.version.number)
    covered = PolicyGap.objects.covered().filter(closed, clause=text.clause_id, first_enforced_at__isnull=True)
    gaps = list(covered.select_for_update(of=("self",)).order_by("pk"))
    for gap in gaps:
        gap.first_enforced_at = clock.now()
        gap.save(update_fields=["first_enforced_at"])
        note(gap, Kind.ENFORCED, clause_key=text.clause.key, version_number=text.version.number, by=by)
        record("policy_gap.enforced", on=[gap, text.clause], by=by)
    return gaps


def begin_anew(gap: PolicyGap, *, by: User | None, reason: str = "", version_number: int | None = None) -> None:
    """Open a locked gap again with a new clock. Where its name is taken by an open gap, a number tells it apart."""
    key = gap.clause.key if gap.clause else ""
    gap.status = PolicyGap.Status.OPEN
    gap.clause = gap.covered_by = None
    gap.drafted_at = gap.published_at = gap.first_enforced_at = None
    gap.reopened_at = clock.now()
    gap.clock_number += 1
    titles = (gap.title if number == 1 else f"{gap.title[:_TITLE]} ({number})" for number in count(1))
    for title in titles:
        if _is_saved(gap, title):
            break
    note(gap, Kind.REOPENED, clause_key=key, version_number=version_number, reason=reason, by=by)


def _is_saved(gap: PolicyGap, title: str) -> bool:
    gap.title, before = title, gap.title
    try:
        with transaction.atomic():
            gap.save()
    except IntegrityError as error:
        if ONE_OPEN not in str(error):
            raise
        gap.title = before  # another gap was opened under this name
        return False
    return True
