"""Reads of the queues: what rules look at, how full each queue is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from incidents.intake.models import Restriction
from incidents.queues import grouping
from incidents.queues.matching import AlertFacts, Traits
from incidents.queues.models import Damping, Joining, Passing, Queue, Reliability, Round, RoundQuerySet, RuleSet
from incidents.queues.stream.statements import STATES
from incidents.queues.weighing import Weights
from policies import tags
from policies.models import ClauseVersion
from trust import prepared
from trust.accounts.models import Clearance, User, UserQuerySet
from trust.permissions import ROLES_WITH, Permission

# Counts stop here: beyond it "more" is all a person needs, and all the database should have to read.
COUNTED_TO: Final = 1000

# The last quarter of an allowance is "due soon".
SOON: Final = 0.25


class Meant(NamedTuple):
    """A clause that a category stands for, by key as its policy, and the languages that it is about; none for all."""

    clause: str
    policy: str
    languages: Sequence[str]


Meanings = dict[tuple[str, str, str], list[Meant]]

_MEANINGS = """
    select mapping.taxonomy, mapping.taxonomy_version, mapping.category, clause.key, policy.key,
        coalesce(text.languages, '{}')
    from policies_mapping mapping
    join policies_clause clause on clause.id = mapping.clause_id
    join policies_policy policy on policy.id = clause.policy_id
    left join policies_policyversion version on version.policy_id = policy.id and version.status = 'published'
    left join policies_clauseversion text on text.version_id = version.id and text.clause_id = clause.id
"""

_FACTS = """
    select a.id, a.generation_id, g.actor_id, coalesce(restriction.category, ''), a.scores::text,
        a.taxonomy, a.taxonomy_version, a.flagged, a.kind, coalesce(detector.name, ''), source.slug,
        g.model, g.deployment, g.stage, g.use_case, g.language, coalesce(actor.kind, ''), coalesce(actor.standing, ''),
        a.sampling_rate, a.source_id, a.detector_version_id
    from intake_alert a
    join intake_generation g on g.id = a.generation_id
    join intake_source source on source.id = a.source_id
    left join intake_detectorversion detector on detector.id = a.detector_version_id
    left join actors_actor actor on actor.id = g.actor_id
    left join intake_restriction restriction on restriction.generation_id = g.id
    where a.id = any(%b::bigint[])
    order by a.id
"""

# The fields of rules, in the order in which _FACTS reads them.
_FIELDS = (
    "alert.kind",
    "alert.detector",
    "alert.source",
    "generation.model",
    "generation.deployment",
    "generation.stage",
    "generation.use_case",
    "generation.language",
    "actor.kind",
    "actor.standing",
)


@dataclass(frozen=True)
class QueueState:
    """How a queue stands now. Counts stop at COUNTED_TO + 1; overdue and oldest are among those counted."""

    queue: Queue
    waiting: int
    overdue: int
    held: int
    came_in: int
    went_out: int
    next_due_at: datetime | None
    oldest_at: datetime | None


@dataclass(frozen=True)
class QueueCard:
    """How a queue stands, as its card says it. ``used`` is the share of its allowance that the next due item used."""

    state: QueueState
    used: int
    tone: str
    since: datetime | None
    age: timedelta | None

    @property
    def queue(self) -> Queue:
        return self.state.queue


def is_cleared(person: User, category: str, now: datetime) -> bool:
    return Clearance.objects.in_force(now).filter(person=person, category=category).exists()


def holds_of(person: User, now: datetime) -> RoundQuerySet:
    """Return the rounds that ``person`` keeps on hold and that sleep still."""
    asleep = Passing.objects.filter(
        round=OuterRef("pk"),
        kind=Passing.Kind.HELD,
        until__gt=now,
        fence=OuterRef("fence"),
        lease_until=OuterRef("lease_until"),
    )
    return Round.objects.held_by(person, now).filter(Exists(asleep))


def may_be_handed(round: Round, now: datetime) -> UserQuerySet:
    """Return who may review ``round``, which comes with its queue: by role, clearance and what they judged before.

    Not who has it now. 2 queries.
    """
    needed = Permission.MANAGE_QUEUES if round.queue.is_for_leads else Permission.REVIEW
    people: UserQuerySet = User.objects.active().filter(roles__overlap=sorted(ROLES_WITH[needed]))
    restrictions = Restriction.objects.filter(generation__item=round.item_id).values_list("category", flat=True)
    for category in {*restrictions, round.queue.restricted_category} - {""}:
        cleared = Clearance.objects.in_force(now).filter(person=OuterRef("pk"), category=category)
        people = people.filter(Exists(cleared))
    if round.purpose != Round.Purpose.FIRST:
        judged = Round.objects.filter(item=round.item_id, closed_by__isnull=False).values("closed_by")
        asked = Passing.objects.filter(round=round, kind=Passing.Kind.ASKED).values("by")
        people = people.exclude(pk__in=judged).exclude(pk__in=asked)
    return people.exclude(pk=round.lease_by_id or 0).order_by("name", "pk")


def with_wakes_at(rounds: RoundQuerySet, now: datetime) -> RoundQuerySet:
    """Say of each round until when it sleeps (``wakes_at``), None where it is not on hold: its lease ends later."""
    return rounds.annotate(wakes_at=Subquery(_hold_of_round(now).values("until")[:1]))


def queues_held_in(person: User, now: datetime) -> set[int]:
    """Return the queues in which ``person`` holds what a claim would give them again: not what sleeps. 1 query."""
    held = Round.objects.held_by(person, now).exclude(Exists(_hold_of_round(now)))
    return set(held.order_by().values_list("queue", flat=True))


def _hold_of_round(now: datetime) -> QuerySet[Passing]:
    """Return the hold that a round of an outer query sleeps under."""
    standing = {"fence": OuterRef("fence"), "lease_until": OuterRef("lease_until")}
    return Passing.objects.filter(kind=Passing.Kind.HELD, until__gt=now, round=OuterRef("pk"), **standing)


def opinion_asked(round: Round) -> Passing | None:
    """Return how a second opinion on ``round`` was last asked for without deciding it. 1 query."""
    return round.passings.filter(kind=Passing.Kind.ASKED).order_by("-pk").first()


def asks_to_join(queue: Queue, person: User) -> bool:
    """Say whether ``queue`` asks before one joins, and ``person`` was not asked yet. 1 query at most."""
    return queue.asks_before_joining and not Joining.objects.filter(queue=queue, person=person).exists()


def rules_in_force() -> RuleSet:
    """Return the newest rule set; before there is one, an empty set that is number 0 and not saved. 1 query."""
    return RuleSet.objects.order_by("-number").first() or RuleSet(number=0, rules=[])


def queues_for_rules() -> dict[str, Queue]:
    """Return the queues that rules may lead to, by slug: none that a restriction or an escalation leads to. 1 query."""
    queues = Queue.objects.filter(restricted_category="", is_for_leads=False)
    return {queue.slug: queue for queue in queues.order_by("position", "pk")}


def alert_facts(alert_ids: Sequence[int]) -> list[AlertFacts]:
    """Return what routing rules look at, by alert id. 2 queries however many alerts."""
    meanings = _meanings()
    known: dict[tuple[Any, ...], Traits] = {}
    facts: list[AlertFacts] = []
    for row in prepared.rows_of(_FACTS, [list(alert_ids)]):
        alert_id, generation_id, actor_id, restricted, scores, taxonomy, version, flagged = row[:8]
        values, rest = row[8:-3], row[-3:]
        make = (taxonomy, version, *flagged, None, *values)
        if make not in known:
            known[make] = _traits(taxonomy, version, flagged, values, meanings)
        facts.append(AlertFacts(alert_id, generation_id, actor_id, restricted, known[make], scores, *rest))
    return facts


def weights(now: datetime) -> Weights:
    """Return what makes alerts count less or more at ``now``. At most 2 queries, of a few rows."""
    reliabilities = Reliability.objects.exclude(steps=0) if settings.PRIORITY_BY_ACCURACY else ()
    return Weights(Damping.objects.in_force(now).order_by("pk"), reliabilities)


@dataclass(frozen=True)
class Expected:
    """What alerts lead one to expect of an item: the highest usual severity and the policies of what they flag."""

    severity: int = 0
    categories: frozenset[int] = frozenset()

    def __or__(self, other: Expected) -> Expected:
        return Expected(max(self.severity, other.severity), self.categories | other.categories)


class Expectations:
    """Says what to expect of alerts by the clauses in force: 1 query for any number of them."""

    def __init__(self) -> None:
        texts = ClauseVersion.objects.in_force().values_list("clause__key", "version__policy_id", "usual_severity")
        self._by_clause = {key: Expected(severity, frozenset({policy})) for key, policy, severity in texts}
        self._by_traits: dict[int, Expected] = {}

    def of(self, traits: Traits) -> Expected:
        if id(traits) not in self._by_traits:
            found = Expected()
            for name in traits.categories:
                found |= self._by_clause.get(name, found)
            self._by_traits[id(traits)] = found
        return self._by_traits[id(traits)]


def _traits(taxonomy: str, version: str, flagged: list[str], values: Sequence[str], meanings: Meanings) -> Traits:
    named = dict(zip(_FIELDS, values, strict=True)) | {"alert.taxonomy": taxonomy, "alert.flagged": flagged}
    meant = [one for name in flagged for one in meanings.get((taxonomy, version, name), ())]
    language = values[_FIELDS.index("generation.language")]
    applicable = [one for one in meant if tags.applies(one.languages, language)]
    return Traits(named, tuple(flagged), _names(flagged, meant), _names(flagged, applicable))


def _names(flagged: Sequence[str], meant: Sequence[Meant]) -> frozenset[str]:
    """Return what is flagged, and the clauses and policies that it stands for."""
    return frozenset(flagged).union(*((one.clause, one.policy) for one in meant))


def _meanings() -> Meanings:
    """Return what each (taxonomy, version, category) stands for. 1 query."""
    meanings: Meanings = {}
    for taxonomy, version, category, *meant in prepared.rows_of(_MEANINGS, []):
        meanings.setdefault((taxonomy, version, category), []).append(Meant(*meant))
    return meanings


def queue_states(queues: Sequence[Queue], now: datetime) -> list[QueueState]:
    """Return how ``queues`` stand, most urgent first. 1 query, whose cost does not grow with what waits."""
    by_id = {queue.pk: queue for queue in queues}
    values: dict[str, Any] = {
        "now": now,
        "since": now - timedelta(hours=1),
        "cap": COUNTED_TO + 1,
        "queues": list(by_id),
    }
    with connection.cursor() as cursor:
        cursor.execute(STATES, values)
        states = [QueueState(by_id[row[0]], *row[1:]) for row in cursor.fetchall()]
    last = datetime.max.replace(tzinfo=now.tzinfo)
    return sorted(states, key=lambda state: (state.next_due_at or last, state.queue.position, state.queue.pk))


def queue_cards(queues: Sequence[Queue], now: datetime) -> list[QueueCard]:
    """Return the cards of ``queues``, most urgent first. 1 query."""
    return [_card(state, now) for state in queue_states(queues, now)]


def _card(state: QueueState, now: datetime) -> QueueCard:
    allowance, due_at = state.queue.allowance, state.next_due_at
    left = min(max((due_at - now) / allowance, 0.0), 1.0) if due_at and allowance else 1.0
    tone = "danger" if left == 0 else "warning" if left < SOON else "neutral"
    return QueueCard(
        state=state,
        used=round(100 * (1 - left)),
        tone=tone,
        since=due_at - allowance if due_at else None,
        age=now - state.oldest_at if state.oldest_at else None,
    )


# ── Groups ───────────────────────────────────────────────


class Home(NamedTuple):
    """Where a text that was seen belongs."""

    text: int
    group: int


class Leader(NamedTuple):
    """A group whose leader has some of the keys that were looked for."""

    group: int
    shared: int
    word_count: int
    generation: int


def homes_of_texts(digests: Sequence[bytes]) -> dict[bytes, Home]:
    """Return where normalised texts belong that are known by now. 1 query."""
    statement = """
        select t.digest, t.id, t.group_id
        from unnest(%b::bytea[]) as wanted (digest)
        join queues_groupedtext t on t.version = %s and t.digest = wanted.digest
    """
    rows = prepared.rows_of(statement, [list(digests), grouping.VERSION])
    return {digest: Home(text, group) for digest, text, group in rows}


_LEADERS: Final = """
    select ranked.text, ranked.group_id, ranked.shared, g.word_count, leader.generation_id
    from (
        select wanted.text, found.group_id, count(*) as shared, row_number() over (
            partition by wanted.text order by count(*) desc, found.group_id desc) as place
        from unnest(%s::bigint[], %s::bigint[]) as wanted (text, key)
        cross join lateral (
            select group_id from queues_groupkey k where k.key = wanted.key order by group_id desc limit %s) found
        group by wanted.text, found.group_id
    ) ranked
    join queues_group g on g.id = ranked.group_id and g.version = %s
    join queues_item leader on leader.id = g.leader_id
    where ranked.place <= %s
    order by ranked.text, ranked.place
"""


def leaders_by_keys(keys: Sequence[Sequence[int]]) -> list[list[Leader]]:
    """Return the leaders that share the most of each text's ``keys``, best first. 1 query, bounded whatever is stored.

    Twice as many as will be compared, since the number of words rules some out.
    """
    found: list[list[Leader]] = [[] for _text in keys]
    wanted = sorted((key, number) for number, own in enumerate(keys) for key in own)  # neighbours in the index
    values = [
        prepared.long_array(number for _key, number in wanted),
        prepared.long_array(key for key, _number in wanted),
        grouping.NEWEST_OF_A_KEY,
        grouping.VERSION,
        2 * grouping.MOST_COMPARED,
    ]
    for text, group, shared, word_count, generation in prepared.rows_of(_LEADERS, values):
        found[text].append(Leader(group, shared, word_count, generation))
    return found
