"""What a draft changes, which past decisions that is about, and what came of judging some of them again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Count, Q, TextField, Value
from django.db.models.functions import MD5, Cast, Concat
from django.utils.translation import gettext as _, gettext_lazy

from incidents.impact.models import Mark, Rejudgement, Sample, Sampled, SampledQuerySet
from incidents.intake.models import Content
from incidents.review.queries import Message, messages_of
from incidents.wellbeing import queries as wellbeing, rules as limits
from policies import definitions, diff, steps
from policies.comparisons import LABELS
from policies.diff import ClauseDiff, Fate
from policies.models import ClauseVersion, PolicyVersion
from policies.queries import clause_text, definitions_of, steps_of, whole
from policies.texts import Definition, PolicyText
from policies.vocabulary import Severity
from trust import numbers
from trust.accounts.models import User
from trust.proportions import Share, share_of

RECENT: Final = timedelta(days=30)
MOST_TOLD: Final = 10  # samples on a person's desk
# What a reviewer judges by. The rest is what the public reads, and what follows.
OF_MEANING: Final = frozenset({"definition", "violates", "does_not_violate", "ladder", "usual_severity", "languages"})

_FIELDS: Final = {
    **LABELS,
    "ladder": gettext_lazy("What a severity means"),
    "recommended": gettext_lazy("Recommended action"),
    "steps": gettext_lazy("Recommended action"),
}


# ── What changes ─────────────────────────────────────────


@dataclass(frozen=True)
class Cited:
    """How many decisions that stand cite a clause: at all, and of the last 30 days by severity, S0 first."""

    total: int = 0
    by_severity: tuple[int, ...] = (0,) * len(Severity)

    @property
    def recent(self) -> int:
        return sum(self.by_severity)


@dataclass(frozen=True)
class Step:
    """What is recommended at a severity before and after, in words, where that differs."""

    severity: Severity
    before: str
    after: str


@dataclass(frozen=True)
class Changed:
    """A clause that a draft changes. ``is_said`` when a writer said what changes; else that is proposed.

    ``terms`` are those that it uses by name and the draft defines otherwise, whether or not the clause itself differs.
    """

    clause_id: int
    key: str
    title: str
    fate: Fate
    fields: list[str]
    terms: list[str]
    changes_meaning: bool
    is_said: bool
    successor: str
    steps: list[Step]

    @property
    def is_removed(self) -> bool:
        return self.fate == Fate.REMOVED


@dataclass(frozen=True)
class Change:
    """The version in force and a draft, clause by clause. ``texts`` are the draft's, in their order."""

    version: PolicyVersion
    in_force: PolicyVersion | None
    texts: list[ClauseVersion]
    clauses: list[Changed]

    def of_meaning(self) -> list[Changed]:
        return [one for one in self.clauses if one.changes_meaning]

    def digest(self) -> str:
        """Return what the wording of the clauses whose meaning changes comes down to."""
        keys = {one.key for one in self.of_meaning()}
        wording = [clause_text(text) for text in self.texts if text.clause.key in keys]
        said: tuple[Any, ...] = (sorted(keys), wording)
        if terms := self.definitions():
            said = (*said, terms)
        return hashlib.sha256(repr(said).encode("utf-8", "surrogatepass")).hexdigest()

    def definitions(self) -> list[Definition]:
        """Return the terms that clauses use and the draft defines otherwise, as it says them; no query."""
        used = {term.casefold() for one in self.of_meaning() for term in one.terms}
        return [one for one in definitions_of(self.version) if one.term.casefold() in used]


def change_of(version: PolicyVersion) -> Change:
    """Compare a draft with the version in force. 4 queries, of these two versions and what was said of the draft.

    A clause whose own words stay changes as well where it uses a term that is defined otherwise.
    """
    in_force = version.policy.versions.published().first()
    before = _rows(in_force) if in_force else {}
    after = _rows(version)
    old = whole(in_force, map(clause_text, before.values())) if in_force else PolicyText("", "", ())
    new = whole(version, map(clause_text, after.values()))
    terms = _terms_used(old, new) if in_force else {}
    found = [one for one in diff.between(old, new).clauses if one.fate != Fate.KEPT or one.changes or one.key in terms]
    ids = {row.clause.key: row.clause_id for row in (*before.values(), *after.values())}
    marks = _marks(version)
    clauses = [
        _changed(one, before.get(one.key), after.get(one.key), terms.get(one.key, []), marks.get(ids[one.key]))
        for one in found
    ]
    return Change(version, in_force, list(after.values()), clauses)


def _terms_used(old: PolicyText, new: PolicyText) -> dict[str, list[str]]:
    """Return, by the key of a clause that stays, the terms that it uses and that are defined otherwise now."""
    changed = definitions.changed_between(old.definitions, new.definitions)
    kept = {clause.key for clause in old.clauses}
    used = {one.key: definitions.used_in(one, changed) for one in new.clauses if changed and one.key in kept}
    return {key: terms for key, terms in used.items() if terms}


def _rows(version: PolicyVersion) -> dict[str, ClauseVersion]:
    return {row.clause.key: row for row in version.clauses.select_related("clause").order_by("position", "pk")}


def _marks(version: PolicyVersion) -> dict[int, Mark]:
    marks = Mark.objects.filter(version=version).select_related("successor").order_by("clause", "-pk")
    return {mark.clause_id: mark for mark in marks.distinct("clause")}


def _changed(
    one: ClauseDiff, before: ClauseVersion | None, after: ClauseVersion | None, terms: list[str], mark: Mark | None
) -> Changed:
    row = after or before
    if row is None:
        raise ValueError(f"{one.key} stands in neither version")
    fields = dict.fromkeys(change.field for change in one.changes) if one.fate == Fate.KEPT else {}
    proposed = one.fate != Fate.KEPT or bool(terms) or not OF_MEANING.isdisjoint(fields)
    return Changed(
        clause_id=row.clause_id,
        key=one.key,
        title=row.title,
        fate=one.fate,
        fields=list(dict.fromkeys(str(_FIELDS[field]) for field in fields)),
        terms=terms,
        changes_meaning=mark.changes_meaning if mark else proposed,
        is_said=mark is not None,
        successor=mark.successor.key if mark and mark.successor else "",
        steps=_steps(before, after),
    )


def _steps(before: ClauseVersion | None, after: ClauseVersion | None) -> list[Step]:
    if before is None:
        return []
    found = [Step(level, _told(before, level), _told(after, level) if after else _("nothing")) for level in Severity]
    return [step for step in found if step.before != step.after]


def _told(text: ClauseVersion, level: Severity) -> str:
    return steps.told(steps_of(text, level))


# ── Past decisions ───────────────────────────────────────

_STANDS: Final = "not exists (select from review_retraction r where r.decision_id = d.id)"
_CITED_BY_CLAUSE: Final = f"""
    select text.clause_id, v.severity, count(*), count(*) filter (where d.decided_at >= %(since)s)
    from policies_clauseversion text
    join review_violation v on v.clause_id = text.id
    join review_decision d on d.id = v.decision_id
    where text.clause_id = any(%(clauses)s) and {_STANDS}
    group by 1, 2
"""  # noqa: S608  parts of our own
_CITING: Final = f"""
    from review_decision d where {_STANDS} and d.id in (
        select v.decision_id from policies_clauseversion text
        join review_violation v on v.clause_id = text.id where text.clause_id = any(%(clauses)s))
"""  # noqa: S608
_FLAGGED: Final = f"""
    from review_decision d join queues_round ro on ro.id = d.round_id
    where d.decided_at >= %(since)s and d.verdict = 'benign' and ro.categories @> array[%(policy)s]::bigint[]
        and {_STANDS}
"""
_FROM: Final = {Sampled.Stratum.CITED: _CITING, Sampled.Stratum.FLAGGED: _FLAGGED}
# Shuffled first, then looked at. What is restricted or kept no longer is not drawn: nobody could judge it.
_DRAW: Final = """
    with shuffled as materialized (
        select d.id, d.item_id, md5(%(seed)s || d.id) as place {decisions} order by place, d.id limit %(most)s * 5
    )
    select shuffled.id from shuffled join queues_item i on i.id = shuffled.item_id
    where exists (select from intake_content c where c.generation_id = i.generation_id)
        and not exists (select from intake_restriction s where s.generation_id = i.generation_id)
    order by shuffled.place, shuffled.id limit %(most)s
"""


@dataclass(frozen=True)
class Past:
    """Decisions that stand: those that cite what changes, those of them that are ``recent``, and benign ones.

    The benign ones are recent too, and on items that were flagged for the policy.
    """

    cited: int
    recent: int
    flagged: int


def cited_in(change: Change, now: datetime) -> dict[int, Cited]:
    """Return how often decisions that stand cite each clause that changes, in any version, by its id. 1 query."""
    total: dict[int, int] = {}
    recent: dict[int, list[int]] = {}
    values = {"clauses": [one.clause_id for one in change.clauses], "since": now - RECENT}
    for clause, severity, all_of_them, of_late in _fetch(_CITED_BY_CLAUSE, values):
        total[clause] = total.get(clause, 0) + all_of_them
        recent.setdefault(clause, [0] * len(Severity))[severity] = of_late
    cited = {clause: Cited(total[clause], tuple(recent[clause])) for clause in total}
    return {one.clause_id: cited.get(one.clause_id, Cited()) for one in change.clauses}


def past_of(change: Change, now: datetime) -> Past:
    """Count what a sample would be drawn from. 1 query."""
    statement = f"""
        select cited.*, (select count(*) {_FLAGGED})
        from (select count(*), count(*) filter (where d.decided_at >= %(since)s) {_CITING}) cited
    """  # noqa: S608  parts of our own
    [(cited, recent, flagged)] = _fetch(statement, _drawn_from(change, now))
    return Past(cited, recent, flagged)


def draw(change: Change, stratum: Sampled.Stratum, *, most: int, seed: str, now: datetime) -> list[int]:
    """Draw up to ``most`` decisions by chance; the same ones for the same ``seed``. 1 query."""
    values = {**_drawn_from(change, now), "seed": seed, "most": most}
    return [decision for (decision,) in _fetch(_DRAW.format(decisions=_FROM[stratum]), values)]


def _drawn_from(change: Change, now: datetime) -> dict[str, Any]:
    clauses = [one.clause_id for one in change.of_meaning()]
    return {"clauses": clauses, "policy": change.version.policy_id, "since": now - RECENT}


def _fetch(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


# ── Judged again ─────────────────────────────────────────


@dataclass(frozen=True)
class Flips:
    """What came of one stratum: how many were judged again, and how many of them otherwise than before."""

    drawn: int
    judged: int
    flipped: int
    other_severity: int

    @property
    def share(self) -> Share | None:
        """Return the flip rate with its Wilson interval; None while too few are judged."""
        return share_of(self.flipped, self.judged)

    @property
    def rate(self) -> str:
        """Say the flip rate and its interval in percent; "" while too few are judged."""
        if (share := self.share) is None:
            return ""
        names = ("value", share.value), ("low", share.low), ("high", share.high)
        return _("%(value)s %% (%(low)s to %(high)s %%)") % {name: numbers.percent(part) for name, part in names}


def newest_sample(version: PolicyVersion) -> Sample | None:
    """1 query."""
    return Sample.objects.filter(version=version).select_related("taken_by").order_by("-pk").first()


_FLIPS: Final = """
    select one.stratum, count(*), count(answer.id),
        count(answer.id) filter (where (answer.clause_id is null) = (one.stratum = 'cited')),
        count(answer.id) filter (where one.stratum = 'cited' and answer.severity <> (
            select max(v.severity) from review_violation v where v.decision_id = one.decision_id))
    from impact_sampled one left join impact_rejudgement answer on answer.sampled_id = one.id
    where one.sample_id = %(sample)s group by 1
"""


def flips_of(sample: Sample) -> dict[str, Flips]:
    """Return what came of a sample by stratum, both always there. 1 query.

    A decision that cites the clauses flips when its item violates none any more; a benign one when it violates any.
    """
    found = {stratum: Flips(*counts) for stratum, *counts in _fetch(_FLIPS, {"sample": sample.pk})}
    return {stratum.value: found.get(stratum.value, Flips(0, 0, 0, 0)) for stratum in Sampled.Stratum}


def left_of(sample: Sample, person: User) -> SampledQuerySet:
    """Return what ``person`` may judge again: not judged yet, not their own decision, not restricted or gone by now."""
    left = Sampled.objects.filter(sample=sample, answer__isnull=True).exclude(decision__by=person)
    generation = "decision__item__generation__"
    return left.filter(**{f"{generation}restriction__isnull": True, f"{generation}content__isnull": False})


def offered_to(person: User, sample: Sample, now: datetime) -> SampledQuerySet:
    """Return what of ``left_of`` the limits and opt-outs of ``person`` let through, in an order of their own. 1 query.

    So two people seldom meet.
    """
    bounds = limits.bounds_of(wellbeing.standing_of(person, now), now)
    offered = left_of(sample, person).filter(decision__round__expected_severity__lt=bounds.below)
    offered = offered.exclude(decision__round__categories__overlap=list(bounds.avoided))
    own_order = MD5(Concat(Cast("pk", TextField()), Value(f" {person.pk}")))
    return offered.for_judging().order_by(own_order, "pk")


@dataclass(frozen=True)
class ToJudge:
    """An open sample, how many of it are ``left`` for a person, and how many were drawn."""

    sample: Sample
    left: int
    drawn: int


def samples_for(person: User) -> list[ToJudge]:
    """Return the open samples that ``person`` can judge in. 1 query."""
    shown = Q(decisions__decision__item__generation__restriction__isnull=True)
    left = Q(decisions__answer__isnull=True) & shown & ~Q(decisions__decision__by=person)
    samples = Sample.objects.open().select_related("version__policy")
    counted = samples.annotate(left=Count("decisions", filter=left), drawn=Count("decisions"))
    waiting: Iterable[Any] = counted.filter(left__gt=0).order_by("pk")[:MOST_TOLD]
    return [ToJudge(one, one.left, one.drawn) for one in waiting]


def messages_to_judge(sampled: Sampled) -> list[Message]:
    """Return the messages of what was decided about. 1 query; none where there is no content any more."""
    content = Content.objects.filter(generation=sampled.decision.item.generation_id).first()
    return messages_of(content, is_restricted=False) if content else []


def answer_to(sampled: Sampled) -> Rejudgement | None:
    """1 query."""
    return Rejudgement.objects.filter(sampled=sampled).first()


def language_of(sampled: Sampled) -> str:
    """Return the language of what was decided about, "" where none is known. No query."""
    generation = sampled.decision.item.generation
    return generation.language if generation else ""
