"""From alerts to items that can be claimed: a batch at a time, set-based, in one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from django.db import transaction

from incidents.intake import operations as intake
from incidents.queues import queries
from incidents.queues.effects import LAST, Effect, effect_of
from incidents.queues.matching import AlertFacts, Match, Matcher, read_rules
from incidents.queues.models import Item, Queue, RuleSet
from incidents.queues.operations.closing import move_to_restricted_queue
from incidents.queues.operations.grouping import wait_for_group
from incidents.queues.operations.setting_up import audit_queue, default_queue, queue_for_restricted
from incidents.search import operations as search
from trust import clock, prepared

BATCH: Final = 1000
LONGEST_TRACE: Final = 20
MOST_TAGS: Final = 40


@dataclass
class Arrival:
    """What one batch says about one generation: where its item goes, how urgent it is, and why.

    It is closed by a rule only when each of its alerts met one that closes.
    """

    facts: AlertFacts
    queue: Queue
    effect: Effect
    version: int
    priority: int
    due_minutes: int | None
    tags: tuple[str, ...]
    closed_as: str
    sampled: Effect
    expected: queries.Expected
    trace: list[dict[str, Any]] = field(default_factory=list)

    def join(self, queue: Queue, effect: Effect, expected: queries.Expected) -> None:
        """Take in what a further alert says."""
        self.expected |= expected
        closed = self.closed_as and effect.closed_as
        if effect.standing < self.effect.standing:
            self.effect, self.queue = effect, queue
        self.closed_as = self.effect.closed_as if closed else ""
        self.priority = max(self.priority, effect.priority)
        self.due_minutes = min((due for due in (self.due_minutes, effect.due_minutes) if due is not None), default=None)
        self.tags = tuple(dict.fromkeys(self.tags + effect.tags))[:MOST_TAGS]
        if not self.sampled.sampled_as or (effect.for_audit and not effect.match.rule):
            self.sampled = effect


class Places:
    """The queues that alerts can go to, looked up once a batch."""

    def __init__(self) -> None:
        self._by_slug = {queue.slug: queue for queue in Queue.objects.order_by("position", "pk")}
        self._general = next((queue for queue in self._by_slug.values() if queue.is_default), None) or default_queue()
        self._audit = next((queue for queue in self._by_slug.values() if queue.is_for_audit), None)
        self._restricted: dict[str, Queue] = {}

    def queue_of(self, facts: AlertFacts, effect: Effect) -> Queue:
        if facts.restricted_category:
            return self._queue_of_restricted(facts.restricted_category)
        if effect.for_audit:
            self._audit = self._audit or audit_queue()
            return self._audit
        return self._by_slug.get(effect.queue, self._general)

    def _queue_of_restricted(self, category: str) -> Queue:
        if category not in self._restricted:
            self._restricted[category] = queue_for_restricted(category)
        return self._restricted[category]


@transaction.atomic
def route_alerts(limit: int = BATCH) -> int:
    """Take up to ``limit`` alerts: a new generation becomes an item with a first round, another alert joins its item.

    Return how many alerts were taken. Alerts that another process is routing are left to it.
    """
    alert_ids = intake.take_alerts_to_route(limit)
    if not alert_ids:
        return 0
    arrivals = _arrivals(queries.alert_facts(alert_ids))
    new = _make_items(list(arrivals.values()))
    wait_for_group(list(new.values()))
    _join_items([arrival for generation_id, arrival in arrivals.items() if generation_id not in new])
    search.wait_for_index(list(arrivals))
    return len(alert_ids)


def _arrivals(facts: Iterable[AlertFacts]) -> dict[int, Arrival]:
    """Decide for each generation, by id: its restricted queue, else the queue of the rule that stands highest."""
    rule_set = queries.rules_in_force()
    matcher, places, weights = Matcher(read_rules(rule_set.rules)), Places(), queries.weights(clock.now())
    expectations = queries.Expectations()
    arrivals: dict[int, Arrival] = {}
    for fact in facts:
        effect, notes = weights.weigh(fact, _effect(fact, matcher))
        queue, expected = places.queue_of(fact, effect), expectations.of(fact.traits)
        arrival = arrivals.get(fact.generation_id)
        if arrival is None:
            arrival = arrivals[fact.generation_id] = _arrival(fact, queue, effect, rule_set, expected)
        else:
            arrival.join(queue, effect, expected)
        arrival.trace.append(_trace(fact, effect, queue, rule_set) | notes)
    return dict(sorted(arrivals.items()))


def _effect(facts: AlertFacts, matcher: Matcher) -> Effect:
    """What is restricted goes to its queue: the rule that it met makes it no more than urgent."""
    if not facts.restricted_category:
        return effect_of(facts, matcher)
    match = matcher.first_match(facts)
    rule, standing = match.rule, match.position or LAST
    return Effect(match, standing, priority=rule.priority, tags=rule.tags) if rule else Effect(match, standing)


def _arrival(facts: AlertFacts, queue: Queue, effect: Effect, rule_set: RuleSet, expected: queries.Expected) -> Arrival:
    return Arrival(
        facts=facts,
        queue=queue,
        effect=effect,
        version=rule_set.number,
        priority=effect.priority,
        due_minutes=effect.due_minutes,
        tags=effect.tags,
        closed_as=effect.closed_as,
        sampled=effect,
        expected=expected,
    )


def _trace(facts: AlertFacts, effect: Effect, queue: Queue, rule_set: RuleSet) -> dict[str, Any]:
    """Say why an alert led where it did, in ids and the names of our own rules; never in words from outside."""
    match: Match = effect.match
    return {
        "alert": facts.alert_id,
        "queue": queue.name,
        "rule": match.rule.name if match.rule else "",
        "position": match.position,
        "tried": match.tried,
        "restricted": facts.restricted_category,
        "version": rule_set.number,
        "closed_as": effect.closed_as,
        "sampled_as": effect.sampled_as,
    }


_ARRIVED: Final = """
    arrived as (
        select * from unnest(%b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::smallint[], %b::int[],
            %b::text[], %b::text[], %b::text[], %b::int[], %b::text[], %b::float8[], %b::smallint[], %b::text[],
            %b::text[])
            as one (generation, actor, alert, queue, priority, due_minutes, tags, closed_as, rule, version, sampled_as,
                probability, severity, categories, trace)
    )
"""


def _columns(arrivals: Sequence[Arrival]) -> list[list[Any]]:
    """Return the values of ``_ARRIVED``."""
    return [
        [arrival.facts.generation_id for arrival in arrivals],
        [arrival.facts.actor_id for arrival in arrivals],
        [arrival.facts.alert_id for arrival in arrivals],
        [arrival.queue.pk for arrival in arrivals],
        [arrival.priority for arrival in arrivals],
        [arrival.due_minutes for arrival in arrivals],
        [",".join(arrival.tags) for arrival in arrivals],
        [arrival.closed_as for arrival in arrivals],
        [_closing_rule(arrival) for arrival in arrivals],
        [arrival.version for arrival in arrivals],
        [arrival.sampled.sampled_as for arrival in arrivals],
        [arrival.sampled.probability for arrival in arrivals],
        [arrival.expected.severity for arrival in arrivals],
        [",".join(map(str, sorted(arrival.expected.categories))) for arrival in arrivals],
        [_json(arrival) for arrival in arrivals],
    ]


def _closing_rule(arrival: Arrival) -> str:
    """Return the key of the rule that closes it; what is muted is closed by none."""
    rule = arrival.effect.match.rule
    return rule.key if rule and arrival.closed_as != Item.ClosedAs.MUTED else ""


def _make_items(arrivals: Sequence[Arrival]) -> dict[int, int]:
    """Make the items that do not exist yet, each with a first round, due by its queue's allowance from its arrival.

    What a rule closes gets no round. Return {generation: item} of those made; another process may have the rest. One
    statement.
    """
    rows = _execute(
        f"""
        with {_ARRIVED}, made as (
            insert into queues_item (kind, generation_id, actor_id, status, verdict, trace, created_at, tags,
                closed_as, closed_by_rule, closed_by_version, closed_at, sampled_as, inclusion_probability)
            select 'generation', generation, actor, case closed_as when '' then 'open' else 'closed' end, '',
                trace::jsonb, {{now}}, string_to_array(tags, ','), closed_as,
                case closed_as when '' then '' else rule end,
                case closed_as when '' then null else version end,
                case closed_as when '' then null else {{now}} end, sampled_as, probability
            from arrived
            on conflict (generation_id) do nothing
            returning generation_id, id
        ), opened as (
            insert into queues_round
                (item_id, queue_id, purpose, status, priority, due_at, created_at, fence, seen_fence,
                expected_severity, categories)
            select made.id, queue, 'first', 'open', priority,
                a.received_at + coalesce(make_interval(mins => due_minutes), q.allowance), {{now}}, 0, 0,
                arrived.severity, string_to_array(arrived.categories, ',')::bigint[]
            from made
            join arrived on arrived.generation = made.generation_id and arrived.closed_as = ''
            join queues_queue q on q.id = arrived.queue
            cross join lateral (select received_at from intake_alert where id = arrived.alert limit 1) a
            order by made.id
        )
        select generation_id, id from made
        """,  # noqa: S608  a part of our own
        *_columns(arrivals),
    )
    return dict(rows)


def _join_items(arrivals: Sequence[Arrival]) -> None:
    """Add further alerts to items that exist: the trace grows, an open round becomes more urgent, or moves away.

    What was closed without a judgement is opened by an alert that nothing closes. What a person closed stays, and
    quality looks at it again.
    """
    if not arrivals:
        return
    _execute(
        f"""
        with {_ARRIVED}, joined as (
            select i.id, i.generation_id, i.closed_as, i.verdict from queues_item i
            where generation_id = any(%b) order by i.id for no key update
        ), told as (
            update queues_item i
            set trace = case when jsonb_array_length(i.trace) < %s
                    then i.trace || arrived.trace::jsonb else i.trace end,
                tags = case arrived.tags when '' then i.tags else array(
                    select distinct unnest(i.tags || string_to_array(arrived.tags, ',')) order by 1 limit {MOST_TAGS})
                    end,
                sampled_as = case i.sampled_as when '' then arrived.sampled_as else i.sampled_as end,
                inclusion_probability = case i.sampled_as when '' then arrived.probability
                    else i.inclusion_probability end,
                status = case when reopens then 'open' else i.status end,
                closed_at = case when reopens then null else i.closed_at end,
                closed_by_version = case when reopens then null else i.closed_by_version end,
                closed_by_rule = case when reopens then '' else i.closed_by_rule end,
                closed_as = case when reopens then '' else i.closed_as end
            from joined
            join arrived on arrived.generation = joined.generation_id
            cross join lateral (select joined.closed_as <> '' and arrived.closed_as = '' as reopens) as so
            where i.id = joined.id
        ), opened as (
            insert into queues_round
                (item_id, queue_id, purpose, status, priority, due_at, created_at, fence, seen_fence,
                expected_severity, categories)
            select joined.id, queue, 'first', 'open', priority,
                a.received_at + coalesce(make_interval(mins => due_minutes), q.allowance), {{now}}, 0, 0,
                arrived.severity, string_to_array(arrived.categories, ',')::bigint[]
            from joined
            join arrived on arrived.generation = joined.generation_id
            join queues_queue q on q.id = arrived.queue
            cross join lateral (select received_at from intake_alert where id = arrived.alert limit 1) a
            where joined.closed_as <> '' and arrived.closed_as = ''
            order by joined.id
        ), to_rate as (
            insert into queues_itemtorate (item_id) select id from joined where verdict <> ''
        )
        update queues_round r
        set priority = greatest(r.priority, arrived.priority),
            expected_severity = greatest(r.expected_severity, arrived.severity),
            categories = case when r.categories @> known.categories then r.categories else array(
                select distinct unnest(r.categories || known.categories) order by 1) end,
            due_at = least(r.due_at, a.received_at + make_interval(mins => arrived.due_minutes))
        from joined
        join arrived on arrived.generation = joined.generation_id
        cross join lateral (select received_at from intake_alert where id = arrived.alert limit 1) a
        cross join lateral (select string_to_array(arrived.categories, ',')::bigint[] as categories) known
        where r.item_id = joined.id and r.status = 'open'
            and (r.priority < arrived.priority or r.due_at > a.received_at + make_interval(mins => arrived.due_minutes)
                or r.expected_severity < arrived.severity or not r.categories @> known.categories)
        returning r.id
        """,  # noqa: S608  parts of our own
        *_columns(arrivals),
        [arrival.facts.generation_id for arrival in arrivals],
        LONGEST_TRACE,
    )
    for category in {arrival.facts.restricted_category for arrival in arrivals} - {""}:
        hidden = [arrival.facts.generation_id for arrival in arrivals if arrival.facts.restricted_category == category]
        move_to_restricted_queue(hidden, category=category)


def _json(arrival: Arrival) -> str:
    return msgspec.json.encode(arrival.trace[:LONGEST_TRACE]).decode()


def _execute(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """Run ``statement`` with {now} as the database's own time, or as the given moment where there is one."""
    given = clock.given()
    moment = "now()" if given is None else f"'{given.isoformat()}'::timestamptz"
    return prepared.rows_of(statement.format(now=moment), values)
