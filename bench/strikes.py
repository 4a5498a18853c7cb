"""Strikes counted, counted again under another rule, and gone through by a rule that would have acted.

A hundred thousand of them, of twenty thousand actors.
"""

from bench.registry import Result, at_most, bench, seconds
from bench.world import World
from policies.models import ClauseVersion
from tests.enforcement.factories import make_acting_rule
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
        n % 5 = 0 as violates, now() - (n % {days}) * interval '1 day' as at, actor.id as actor
    from generate_series(1, {many} * 5) n
    join (
        select id, row_number() over (order by id) as place from actors_actor where external_id like 'bench-struck-%'
    ) actor on actor.place = 1 + (n * 7919::bigint) % {actors}
    """,
    """
    insert into queues_item (id, kind, actor_id, status, verdict, severity, trace, created_at, closed_at)
    overriding system value
    select item, 'appeal', actor, 'closed', case when violates then 'violating' else 'benign' end,
        case when violates then {severity} end, '[]', at, at
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
    select decision, {clause}, {severity}, 'interaction' from bench_strikes where violates
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
    _fill(world, make_clause(), days=180, severity="n % 25 / 5")
    return [
        _timed(world, "strikes/histogram", "/enforcement/strikes/"),
        _timed(world, "strikes/what if", "/enforcement/strikes/?s0=1&s4=8&days=180&threshold=5"),
    ]


@bench("rule_dry_run")
def rule_dry_run(world: World) -> list[Result]:
    """All are findings that the rule is about, and of its thirty days."""
    text = make_clause()
    _fill(world, text, days=29, severity="2")
    rule = make_acting_rule(clause=text.clause, severity=2, from_strikes=2, armed_by=None)
    return [_timed(world, "rule_dry_run", f"/enforcement/rules/{rule.pk}/dry-run/")]


def _fill(world: World, text: ClauseVersion, *, days: int, severity: str) -> None:
    names = {"queue": make_queue().pk, "clause": text.pk, "by": make_user().pk, "days": days, "severity": severity}
    with world.owner() as owner:
        for statement in STATEMENTS:
            owner.execute(statement.format(many=MANY, actors=ACTORS, **names).encode())


def _timed(world: World, name: str, path: str) -> Result:
    visitor = world.visitor(make_user(role="lead"))
    with world.without_background():
        visitor.get(path)
        page = sorted(seconds(lambda: visitor.get(path)) for _visit in range(VISITS))[VISITS // 2]
    return Result(name, page, SECONDS, "s", at_most(1), note=f"{MANY:,} strikes")
