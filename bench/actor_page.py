"""The page of an actor and its panels: one of whom there is much beside one of whom there is little."""

from typing import Any, Final

from django.urls import reverse

from bench.pages import in_turns
from bench.registry import Result, at_most, bench
from bench.world import World
from tests.enforcement.factories import propose
from tests.factories import make_actor, make_clause, make_queue, make_source, make_user

MUCH, LITTLE = {"generations": 100_000, "links": 1_000}, {"generations": 10, "links": 10}
MANY_ACTIONS, FEW_ACTIONS = 100, 1
IN_A_RING = 20  # actors who share one identifier, beside the one who is looked at

PANELS: Final = {
    "page": "actors:detail",
    "timeline": "dossier:timeline",
    "traffic": "dossier:traffic",
    "organisation": "actors:organisation",
    "items": "review:of_actor",
    "enforcement": "enforcement:of_actor",
    "links": "linking:of_actor",
    "incidents": "response:of_actor",
}

# One generation in a minute, one in twenty of them violating, each with its alert, decision, event and, where it
# violates, strike. {actor} has {generations} of them and {links} linked actors.
STATEMENTS = [
    "set session_replication_role = replica",
    """
    create table public.bench_of_actor as
    select n, nextval(pg_get_serial_sequence('intake_generation', 'id')) as generation,
        nextval(pg_get_serial_sequence('queues_item', 'id')) as item,
        nextval(pg_get_serial_sequence('queues_round', 'id')) as round,
        nextval(pg_get_serial_sequence('review_decision', 'id')) as decision,
        nextval(pg_get_serial_sequence('audit_auditevent', 'id')) as event,
        n % 20 = 0 as violates, now() - ({generations} - n) * interval '1 min' as at
    from generate_series(1, {generations}) n
    """,
    """
    insert into intake_generation (id, namespace, external_id, actor_id, model, deployment, stage, use_case, language,
        occurred_at, received_at)
    overriding system value
    select generation, 'default', 'bench-of-actor-{actor}-' || n, {actor}, 'model-1', 'playground',
        'general_availability', 'chat', 'en', at, at
    from bench_of_actor
    """,
    """
    insert into intake_alert (source_id, external_id, digest, generation_id, batch_id, kind, taxonomy,
        taxonomy_version, flagged, labels, scores, score_kind, thresholds, spans, comment, sampling_rate, metadata,
        has_other_content, occurred_at, received_at)
    select {source}, 'bench-of-actor-{actor}-' || n, '', generation, 1, 'partner_report', '', '', array['spam'], '{{}}',
        '{{}}', '', '{{}}', '[]', '', 1, '{{}}', false, at, at
    from bench_of_actor
    """,
    """
    insert into queues_item (id, kind, generation_id, actor_id, status, verdict, severity, trace, created_at, closed_at)
    overriding system value
    select item, 'generation', generation, {actor}, 'closed', case when violates then 'violating' else 'benign' end,
        case when violates then 2 end, '[]', at, at
    from bench_of_actor
    """,
    """
    insert into queues_round (id, item_id, queue_id, purpose, status, priority, due_at, created_at, closed_at,
        closed_by_id, fence, seen_fence)
    overriding system value
    select round, item, {queue}, 'first', 'closed', 0, at, at, at, {by}, 1, 1 from bench_of_actor
    """,
    """
    insert into review_decision (id, round_id, item_id, by_id, verdict, note, is_detector_wrong, decided_at)
    overriding system value
    select decision, round, item, {by}, case when violates then 'violating' else 'benign' end, '', false, at
    from bench_of_actor
    """,
    """
    insert into review_violation (decision_id, clause_id, severity, side)
    select decision, {clause}, 2, 'interaction' from bench_of_actor where violates
    """,
    """
    insert into enforcement_strike (actor_id, decision_id, weight, created_at, expires_at, void_reason)
    select {actor}, decision, 1, at, now() + n * interval '1 min', '' from bench_of_actor where violates
    """,
    """
    insert into audit_auditevent (id, at, kind, by_id, reason, data, request_id)
    overriding system value
    select event, at, 'decision.made', {by}, '', '{{"verdict": "benign", "clauses": []}}', '' from bench_of_actor
    """,
    """
    insert into audit_auditsubject (event_id, subject_kind, subject_id)
    select event, kind, id from bench_of_actor cross join lateral (values
        ('review.decision', decision), ('queues.item', item), ('actors.actor', {actor}::bigint)) named (kind, id)
    """,
    """
    with others as (
        insert into actors_actor (namespace, kind, external_id, standing, created_at)
        select 'default', 'account', 'bench-linked-{actor}-' || n, 'unknown', now() from generate_series(1, {links}) n
        returning id
    ), shared as (
        select id, sha256(('{actor}-' || (row_number() over () - 1) / {ring})::bytea) as digest from others
    )
    insert into actors_identifier (actor_id, kind, digest)
    select id, 'payment', digest from shared union all select distinct {actor}, 'payment', digest from shared
    """,
    "drop table public.bench_of_actor",
    "set session_replication_role = origin",
]
VACUUM = (
    "vacuum analyze actors_actor, actors_identifier, intake_generation, intake_alert, queues_item, queues_round, "
    "review_decision, review_violation, enforcement_strike, audit_auditevent, audit_auditsubject"
)


@bench("actor_page")
def actor_page(world: World) -> list[Result]:
    busy, calm = make_actor(), make_actor()
    names = {"source": make_source().pk, "queue": make_queue().pk, "clause": make_clause().pk, "by": make_user().pk}
    for actor, much in ((busy, MUCH), (calm, LITTLE)):
        _fill(world, {**names, **much, "actor": actor.pk, "ring": IN_A_RING})
        for _action in range(MANY_ACTIONS if actor is busy else FEW_ACTIONS):
            propose(actor)
    visitor = world.visitor(make_user(role="lead"))
    results = []
    with world.without_background():
        for name, route in PANELS.items():
            of_busy, of_calm = (reverse(route, args=[actor.pk]) for actor in (busy, calm))
            much, little = in_turns(visitor, of_busy, of_calm)
            results.append(Result(f"actor_page/{name}", much, little, "ms", at_most(2)))
    return results


def _fill(world: World, names: dict[str, Any]) -> None:
    with world.owner() as owner:
        for statement in STATEMENTS:
            owner.execute(statement.format(**names).encode())
    with world.owner() as owner:
        owner.autocommit = True
        owner.execute(VACUUM)
