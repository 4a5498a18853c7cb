"""Strikes counted and counted again under another rule: a hundred thousand of them, of twenty thousand actors."""

from bench.registry import Result, at_most, bench, seconds
from bench.world import World
from tests.factories import make_clause, make_queue, make_user

MANY, ACTORS = 100_000, 20_000
VISITS = 5
SECONDS = 2.0

# Each from an upheld decision of its own, on every fifth item: the others were judged benign.
STATEMENTS = [
    "set session_replication_role = replica",
    """
    insert into actors_actor (namespace, kind, external_id, standing, created_at)
    select 'default', 'account', 'bench-struck-' || n, 'unknown', now() from generate_series(1, {actors}) n
    """,
    """
    create table public.bench_strikes as
    select n, nextval(pg_get_serial_sequence('queues_item', 'id')) as item,
        nextval(pg_get_serial_sequence('queues_round', 'id')) as round,
        nextval(pg_get_serial_sequence('review_decision', 'id')) as decision,
        n % 5 = 0 as violates, now() - (n % 180) * interval '1 day' as at, actor.id as actor
    from generate_series(1, {many} * 5) n
    join (
        select id, row_number() over (order by id) as place from actors_actor where external_id like 'bench-struck-%'
    ) actor on actor.place = 1 + (n * 7919::bigint) % {actors}
    """,
    """
    insert into queues_item (id, kind, actor_id, status, verdict, severity, trace, created_at, closed_at)
    overriding system value
    select item, 'appeal', actor, 'closed', case when violates then 'violating' else 'benign' end,
        case when violates then n % 25 / 5 end, '[]', at, at
    from bench_strikes
    """,
    """
    insert into queues_round (id, item_id, queue_id, purpose, status, priority, due_at, created_at, closed_at,
        closed_by_id, fence, seen_fence)
    overriding system value
    select round, item, {queue}, 'first', 'closed', 0, at, at, at, {by}, 1, 1 from bench_strikes
    """,
    """
    insert into review_decision (id, round_id, item_id, by_id, verdict, note, is_detector_wrong, decided_at)
    overriding system value
    select decision, round, item, {by}, case when violates then 'violating' else 'benign' end, '', false, at
    from bench_strikes
    """,
    """
    insert into review_violation (decision_id, clause_id, severity, side)
    select decision, {clause}, n % 25 / 5, 'interaction' from bench_strikes where violates
    """,
    """
    insert into enforcement_strike (actor_id, decision_id, weight, created_at, expires_at, void_reason)
    select actor, decision, 1 + n % 3, at, at + interval '181 days', '' from bench_strikes where violates
    """,
    "drop table public.bench_strikes",
    "set session_replication_role = origin",
    "analyze",
]


@bench("strikes")
def strikes(world: World) -> list[Result]:
    names = {"queue": make_queue().pk, "clause": make_clause().pk, "by": make_user().pk}
    with world.owner() as owner:
        for statement in STATEMENTS:
            owner.execute(statement.format(many=MANY, actors=ACTORS, **names).encode())
    visitor = world.visitor(make_user(role="lead"))
    results = []
    with world.without_background():
        for name, address in (("histogram", ""), ("what if", "?s0=1&s4=8&days=180&threshold=5")):
            path = f"/enforcement/strikes/{address}"
            visitor.get(path)
            page = sorted(seconds(lambda path=path: visitor.get(path)) for _visit in range(VISITS))[VISITS // 2]
            results.append(Result(f"strikes/{name}", page, SECONDS, "s", at_most(1), note=f"{MANY:,} strikes"))
    return results
