"""What a draft would change, over a hundred thousand past decisions: the page, and drawing a sample."""

from bench.registry import Result, at_most, bench, seconds
from bench.world import World
from tests.factories import make_user
from tests.impact.factories import make_draft, old_text

DECISIONS = 100_000
VISITS = 5
SECONDS = 2.0

# Seven of ten cite the clause that changes, the others were flagged for its policy and judged benign.
STATEMENTS = [
    "set session_replication_role = replica",
    """
    create table public.bench_past as
    select n, nextval(pg_get_serial_sequence('intake_generation', 'id')) as generation,
        nextval(pg_get_serial_sequence('queues_item', 'id')) as item,
        nextval(pg_get_serial_sequence('queues_round', 'id')) as round,
        nextval(pg_get_serial_sequence('review_decision', 'id')) as decision,
        n % 10 < 7 as violates, now() - n * interval '50 s' as at
    from generate_series(1, {many}) n
    """,
    """
    insert into intake_generation (id, namespace, external_id, model, deployment, stage, use_case, language,
        occurred_at, received_at)
    overriding system value
    select generation, 'default', 'bench-past-' || n, 'model-1', 'playground', 'general_availability', 'chat', 'en',
        at, at from bench_past
    """,
    """
    insert into intake_content (generation_id, messages, parameters, digest, lengths)
    select generation, '[{{"role": "user", "content": "What is in the garden?"}}]', '{{}}', sha256(n::text::bytea),
        array[22] from bench_past
    """,
    """
    insert into queues_item (id, kind, generation_id, status, verdict, severity, trace, created_at, closed_at)
    overriding system value
    select item, 'generation', generation, 'closed', case when violates then 'violating' else 'benign' end,
        case when violates then n % 5 end, '[]', at, at from bench_past
    """,
    """
    insert into queues_round (id, item_id, queue_id, purpose, status, priority, due_at, created_at, closed_at,
        categories, fence, seen_fence)
    overriding system value
    select round, item, (select id from queues_queue limit 1), 'first', 'closed', 0, at, at, at,
        array[{policy}]::bigint[], 1, 1 from bench_past
    """,
    """
    insert into review_decision (id, round_id, item_id, by_id, verdict, note, is_detector_wrong, decided_at)
    overriding system value
    select decision, round, item, {by}, case when violates then 'violating' else 'benign' end, '', false, at
    from bench_past
    """,
    """
    insert into review_violation (decision_id, clause_id, severity, side)
    select decision, {text}, n % 5, 'interaction' from bench_past where violates
    """,
    "drop table public.bench_past",
    "set session_replication_role = origin",
    "analyze",
]


@bench("impact")
def impact(world: World) -> list[Result]:
    draft = make_draft()
    names = {"many": DECISIONS, "policy": draft.policy_id, "text": old_text(draft).pk, "by": make_user().pk}
    with world.owner() as owner:
        for statement in STATEMENTS:
            owner.execute(statement.format(**names).encode())
    visitor = world.visitor(make_user(role="policy_editor"))
    address = f"/policies/{draft.policy.key}/versions/2/impact/"
    with world.without_background():
        drawn = seconds(lambda: visitor.post(f"{address}sample/", size="400"))
        visitor.get(address)
        page = sorted(seconds(lambda: visitor.get(address)) for _visit in range(VISITS))[VISITS // 2]
    note = f"{DECISIONS:,} past decisions"
    return [
        Result("impact/page", page, SECONDS, "s", at_most(1), note=note),
        Result("impact/sample", drawn, SECONDS, "s", at_most(1), note=f"400 of {note}"),
    ]
