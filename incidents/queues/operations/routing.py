"""From alerts to items that can be claimed: a batch at a time, set-based, in one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from django.db import transaction

from incidents.intake import operations as intake
from incidents.queues import queries
from incidents.queues.matching import AlertFacts, Match, Matcher
from incidents.queues.models import Queue, RoutingRule
from incidents.queues.operations.closing import move_to_restricted_queue
from incidents.queues.operations.grouping import wait_for_group
from incidents.queues.operations.setting_up import default_queue, queue_for_restricted
from trust import clock, prepared

BATCH: Final = 1000
LONGEST_TRACE: Final = 20
LAST: Final = 2**31  # stands after every rule


@dataclass
class Arrival:
    """What one batch says about one generation: where its item goes, how urgent it is, and why."""

    facts: AlertFacts
    queue: Queue
    standing: int
    priority: int
    trace: list[dict[str, Any]] = field(default_factory=list)


class Places:
    """The queues that alerts can go to, each looked up once a batch."""

    def __init__(self) -> None:
        self._general = default_queue()
        self._restricted: dict[str, Queue] = {}

    def queue_of(self, facts: AlertFacts, match: Match) -> Queue:
        """Return the queue of what is restricted, else the rule's, else the default."""
        category = facts.restricted_category
        if not category:
            return match.rule.queue if match.rule else self._general
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
    return len(alert_ids)


def _arrivals(facts: Iterable[AlertFacts]) -> dict[int, Arrival]:
    """Decide for each generation, by id: its restricted queue, else the queue of the rule that stands highest."""
    rules = list(RoutingRule.objects.filter(is_active=True).select_related("queue").order_by("position"))
    matcher, places = Matcher(rules), Places()
    arrivals: dict[int, Arrival] = {}
    for fact in facts:
        match = matcher.first_match(fact)
        queue = places.queue_of(fact, match)
        standing, priority = (match.rule.position, match.rule.priority) if match.rule else (LAST, 0)
        arrival = arrivals.get(fact.generation_id)
        if arrival is None:
            arrival = arrivals[fact.generation_id] = Arrival(fact, queue, standing, priority)
        elif standing < arrival.standing:
            arrival.standing, arrival.queue = standing, queue
        arrival.priority = max(arrival.priority, priority)
        arrival.trace.append(_trace(fact, match, queue))
    return dict(sorted(arrivals.items()))


def _trace(facts: AlertFacts, match: Match, queue: Queue) -> dict[str, Any]:
    """Say why an alert led where it did, in ids and the names of our own rules; never in words from outside."""
    return {
        "alert": facts.alert_id,
        "queue": queue.name,
        "rule": match.rule.name if match.rule else "",
        "position": match.rule.position if match.rule else None,
        "tried": match.tried,
        "restricted": facts.restricted_category,
    }


def _make_items(arrivals: Sequence[Arrival]) -> dict[int, int]:
    """Make the items that do not exist yet, each with a first round, due by its queue's allowance from its arrival.

    Return {generation: item} of those; another process may have the rest. One statement.
    """
    rows = _execute(
        """
        with arrived as (
            select * from unnest(%b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::smallint[], %b::text[])
                as one (generation, actor, alert, queue, priority, trace)
        ), made as (
            insert into queues_item (kind, generation_id, actor_id, status, verdict, trace, created_at)
            select 'generation', generation, actor, 'open', '', trace::jsonb, {now} from arrived
            on conflict (generation_id) do nothing
            returning generation_id, id
        ), opened as (
            insert into queues_round
                (item_id, queue_id, purpose, status, priority, due_at, created_at, fence, seen_fence)
            select made.id, queue, 'first', 'open', priority, a.received_at + q.allowance, {now}, 0, 0
            from made
            join arrived on arrived.generation = made.generation_id
            join queues_queue q on q.id = arrived.queue
            cross join lateral (select received_at from intake_alert where id = arrived.alert limit 1) a
            order by made.id
        )
        select generation_id, id from made
        """,
        [arrival.facts.generation_id for arrival in arrivals],
        [arrival.facts.actor_id for arrival in arrivals],
        [arrival.facts.alert_id for arrival in arrivals],
        [arrival.queue.pk for arrival in arrivals],
        [arrival.priority for arrival in arrivals],
        [_json(arrival) for arrival in arrivals],
    )
    return dict(rows)


def _join_items(arrivals: Sequence[Arrival]) -> None:
    """Add further alerts to items that exist: the trace grows, an open round becomes more urgent, or moves away."""
    if not arrivals:
        return
    generation_ids = [arrival.facts.generation_id for arrival in arrivals]
    _execute(
        """
        with joined as (
            select id, generation_id from queues_item where generation_id = any(%b) order by id for no key update
        ), arrived as (
            select * from unnest(%b::bigint[], %b::text[], %b::smallint[]) as a (generation_id, trace, priority)
        ), traced as (
            update queues_item i set trace = i.trace || arrived.trace::jsonb
            from joined join arrived using (generation_id)
            where i.id = joined.id and jsonb_array_length(i.trace) < %s
        )
        update queues_round r set priority = arrived.priority
        from joined join arrived using (generation_id)
        where r.item_id = joined.id and r.status = 'open' and r.priority < arrived.priority
        returning r.id
        """,
        generation_ids,
        generation_ids,
        [_json(arrival) for arrival in arrivals],
        [arrival.priority for arrival in arrivals],
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
