"""Every write about the impact of a draft: what it changes, a sample of past decisions, how they are judged again."""

from __future__ import annotations

import secrets
from typing import Final

from django.db import IntegrityError, transaction

from incidents.impact import queries, rules
from incidents.impact.models import Mark, Rejudgement, Sample, Sampled
from incidents.review import operations as review
from policies.models import Clause, PolicyVersion
from policies.vocabulary import Severity
from trust import clock
from trust.accounts.models import User
from trust.audit.operations import record
from trust.refusals import Refused

Stratum: Final = Sampled.Stratum


@transaction.atomic
def mark(version: PolicyVersion, key: str, *, changes_meaning: bool, successor: Clause | None = None, by: User) -> Mark:
    """Say whether a draft changes the meaning of a clause, and what follows one that it takes out. Raises Refused."""
    version = _prepared(version, by)
    changed = {one.key: one for one in queries.change_of(version).clauses}.get(key)
    is_removed = changed is not None and changed.is_removed
    if sentence := rules.refusal_to_mark(changed is not None, is_removed, successor is not None):
        raise Refused(sentence)

    clause = Clause.objects.get(key=key)
    made = Mark.objects.create(
        version=version,
        clause=clause,
        changes_meaning=changes_meaning or is_removed,
        successor=successor,
        by=by,
        at=clock.now(),
    )
    data = {"changes_meaning": made.changes_meaning, "successor": successor.key if successor else None}
    record("clause.marked", on=[version, clause], by=by, data=data)
    return made


@transaction.atomic
def take_sample(version: PolicyVersion, *, size: int, by: User) -> Sample:
    """Draw up to ``size`` past decisions to be judged again: half of those that cite what changes, half benign ones.

    Where one half has fewer, the other fills up. Raises Refused, also when there is nothing to draw.
    """
    version, now = _prepared(version, by), clock.now()
    change = queries.change_of(version)
    past, seed = queries.past_of(change, now), secrets.token_hex(16)
    drawn = {stratum: queries.draw(change, stratum, most=size, seed=seed, now=now) for stratum in Stratum}
    flagged = drawn[Stratum.FLAGGED][: max(size // 2, size - len(drawn[Stratum.CITED]))]
    cited = drawn[Stratum.CITED][: size - len(flagged)]
    if not cited:
        raise Refused(rules.nothing_to_draw())

    sample = Sample.objects.create(
        version=version,
        digest=change.digest(),
        seed=seed,
        cited=past.cited,
        flagged=past.flagged,
        taken_by=by,
        taken_at=now,
    )
    Sampled.objects.bulk_create(
        Sampled(sample=sample, decision_id=decision, stratum=stratum)
        for stratum, decisions in ((Stratum.CITED, cited), (Stratum.FLAGGED, flagged))
        for decision in decisions
    )
    data = {"cited": len(cited), "flagged": len(flagged), "seed": seed}
    record("impact.sample_taken", on=[sample, version], by=by, data=data)
    return sample


@transaction.atomic
def judge_again(sampled: Sampled, *, clause: Clause | None, severity: Severity | None, by: User) -> Rejudgement:
    """Say which clause of the draft an item violates, or (None) that it violates none. Raises Refused."""
    sampled = Sampled.objects.select_related("sample", "decision").get(pk=sampled.pk)
    sentence = rules.refusal_to_judge_again(
        by,
        is_own=sampled.decision.by_id == by.pk,
        is_over=is_over(sampled.sample),
        is_answered=queries.answer_to(sampled) is not None,
    )
    if sentence:
        raise Refused(sentence)
    try:
        with transaction.atomic():
            answer = Rejudgement.objects.create(
                sampled=sampled, clause=clause, severity=severity, by=by, at=clock.now()
            )
    except IntegrityError as error:  # somebody was quicker by a moment
        raise Refused(rules.answered_already()) from error
    record("impact.judged_again", on=[sampled.sample], by=by, data={"sampled": sampled.pk})
    return answer


@transaction.atomic
def note_view(sampled: Sampled, *, by: User) -> None:
    """Record that ``by`` was shown the content of a past decision, in the audit and in their own ledger."""
    item = sampled.decision.item
    subjects = [item, item.actor] if item.actor else [item]
    record("content.viewed", on=subjects, by=by, data={"claimed": False, "sample": sampled.sample_id})
    review.note_exposure(item, seconds=0, by=by)


def is_over(sample: Sample) -> bool:
    """Say whether its draft is gone, published, or says something else by now. Up to 5 queries."""
    version = PolicyVersion.objects.unpublished().filter(pk=sample.version_id).select_related("policy").first()
    return version is None or queries.change_of(version).digest() != sample.digest


def _prepared(version: PolicyVersion, by: User) -> PolicyVersion:
    """Lock a draft, so that it is not published while something is said of it. Raises Refused."""
    version = PolicyVersion.objects.select_for_update(of=("self",)).select_related("policy").get(pk=version.pk)
    if sentence := rules.refusal_to_prepare(version, by):
        raise Refused(sentence)
    return version
