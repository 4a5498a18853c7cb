"""From alerts to items that can be claimed: a batch at a time, set-based, in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import msgspec
from django.db import transaction

from incidents.intake import operations as intake
from incidents.queues import matching, queries
from incidents.queues.matching import AlertFacts, Match
from incidents.queues.models import Queue, RoutingRule
from incidents.queues.operations.closing import move_to_restricted_queue
from incidents.queues.operations.grouping import wait_for_group
from incidents.queues.operations.setting_up import default_queue, queue_for_restricted
from trust import clock, prepared

BATCH: Final = 1000
LONGEST_TRACE: Final = 20


@dataclass
class Arrival:
    """What one batch says about one generation: where its item goes, how urgent it is, and why."""

    facts: AlertFacts
    queue: Queue
    priority: int
    trace: list[dict[str, Any]] = field(default_factory=list)


@transaction.atomic
def route_alerts(limit: int = BATCH) -> int:
    """Take up to ``limit`` alerts: a new generation becomes an item with a first round, another alert joins its item.

    Return how many alerts were taken. Alerts that another process is routing are left to it.
    """
    alert_ids = intake.take_alerts_to_route(limit)
    if not alert_ids:
        return 0
    arrivals = _arrivals(queries.alert_facts(alert_ids))
    new = _insert_items(arrivals)
    _insert_rounds([(item_id, arrivals[generation_id]) for generation_id, item_id in sorted(new.items())])
    wait_for_group(list(new.values()))
    _join_items([arrival for generation_id, arrival in arrivals.items() if generation_id not in new])
    return len(alert_ids)


def _arrivals(facts: Iterable[AlertFacts]) -> dict[int, Arrival]:
    """Decide for each generation, by id: its restricted queue, else the queue of the rule that stands highest."""
    rules = list(RoutingRule.objects.filter(is_active=True).select_related("queue").order_by("position"))
    general = default_queue()
    arrivals: dict[int, Arrival] = {}
    best: dict[int, int] = {}
    for fact in facts:
        match = matching.first_match(rules, fact)
        queue = _queue_of(fact, match, general)
        priority = match.rule.priority if match.rule else 0
        standing = match.rule.position if match.rule else len(rules) + 1_000_000
        arrival = arrivals.setdefault(fact.generation_id, Arrival(fact, queue, priority))
        if standing < best.setdefault(fact.generation_id, standing):
            best[fact.generation_id], arrival.queue = standing, queue
        arrival.priority = max(arrival.priority, priority)
        arrival.trace.append(_trace(fact, match, queue))
    return dict(sorted(arrivals.items()))


def _queue_of(facts: AlertFacts, match: Match, general: Queue) -> Queue:
    if facts.restricted_category:
        return queue_for_restricted(facts.restricted_category)
    return match.rule.queue if match.rule else general


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


def _insert_items(arrivals: Mapping[int, Arrival]) -> dict[int, int]:
    """Make the items that do not exist yet. Return {generation: item} of those; another process may have the rest."""
    rows = _execute(
        """
        insert into queues_item (kind, generation_id, actor_id, status, verdict, trace, created_at)
        select 'generation', generation, actor, 'open', '', trace::jsonb, {now}
        from unnest(%b::bigint[], %b::bigint[], %b::text[]) as arrived (generation, actor, trace)
        on conflict (generation_id) do nothing
        returning generation_id, id
        """,
        list(arrivals),
        [arrival.facts.actor_id for arrival in arrivals.values()],
        [_json(arrival) for arrival in arrivals.values()],
    )
    return dict(rows)


def _insert_rounds(items: Sequence[tuple[int, Arrival]]) -> None:
    """Open a first round for each new item, due by its queue's allowance from when the alert was received."""
    if not items:
        return
    allowances: list[timedelta] = [arrival.queue.allowance for _item_id, arrival in items]
    _execute(
        """
        insert into queues_round (item_id, queue_id, purpose, status, priority, due_at, created_at, fence, seen_fence)
        select item, queue, 'first', 'open', priority, received_at + allowance, {now}, 0, 0
        from unnest(%b::bigint[], %b::bigint[], %b::smallint[], %b::timestamptz[], %b::interval[])
            as new (item, queue, priority, received_at, allowance)
        returning id
        """,
        [item_id for item_id, _arrival in items],
        [arrival.queue.pk for _item_id, arrival in items],
        [arrival.priority for _item_id, arrival in items],
        [arrival.facts.received_at for _item_id, arrival in items],
        allowances,
    )


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
