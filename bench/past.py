"""Past decisions, generations with their content, items and rounds in a few statements, for what is asked of them."""

from bench.world import World

# Seven of ten cite the clause that changes, the others were flagged for its policy and judged benign.
_STATEMENTS = [
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
    select generation, 'default', 'bench-past-' || generation, 'model-1', 'playground', 'general_availability', 'chat',
        'en', at, at from bench_past
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
    """
    insert into intake_source (slug, namespace, created_at) values ('bench-past', 'default', now())
    on conflict do nothing
    """,
    """
    insert into intake_batch (source_id, received_at, accepted, duplicates, rejected, format)
    select id, now(), 0, 0, 0, '' from intake_source where slug = 'bench-past'
    """,
    """
    insert into intake_alert (source_id, external_id, digest, generation_id, batch_id, kind, taxonomy,
        taxonomy_version, flagged, labels, scores, score_kind, thresholds, spans, comment, sampling_rate, metadata,
        has_other_content, occurred_at, received_at)
    select s.id, 'bench-past-' || generation, '', generation, (select max(id) from intake_batch), 'detector', 'bench',
        '1', case when n % 1000 = 0 then array['rare', 'often'] else array['often'] end, '{{}}', '{{}}', '', '{{}}',
        '[]', '', 1, '{{}}', false, at, at
    from bench_past, intake_source s where s.slug = 'bench-past'
    """,
    "drop table public.bench_past",
    "set session_replication_role = origin",
    "analyze",
]


def put(world: World, *, many: int, policy: int, text: int, by: int) -> None:
    """Put ``many`` past decisions there; seven of ten cite the clause ``text`` of ``policy``."""
    with world.owner() as owner:
        for statement in _STATEMENTS:
            owner.execute(statement.format(many=many, policy=policy, text=text, by=by).encode())
