"""Many rows at once, written as the owner past every rule: only for what is measured against their number."""

from bench.world import World

QUEUES = 8
DEEP = "bench-1"  # the queue whose list is read half way down
BUSY_ACTOR, CALM_ACTOR = "bench-busy", "bench-calm"
OF_CALM_ACTOR = 10

# One after the other; {many} items in all, half of them of one actor.
STATEMENTS = [
    "set session_replication_role = replica",
    """
    insert into queues_queue (slug, name, notice, position, allowance, lease, is_default, is_for_audit,
        restricted_category)
    select 'bench-' || n, 'Bench ' || n, '', 100 + n, '1 day', '15 minutes', false, false, ''
    from generate_series(1, {queues}) n
    """,
    """
    insert into actors_actor (namespace, kind, external_id, standing, created_at)
    select 'default', 'account', name, 'unknown', now()
    from unnest(array['{busy}', '{calm}'] || array(select 'bench-' || n from generate_series(1, {many} / 100) n)) name
    """,
    """
    create table public.bench_seed as
    select n, nextval(pg_get_serial_sequence('intake_generation', 'id')) as generation,
        nextval(pg_get_serial_sequence('queues_item', 'id')) as item,
        (select id from actors_actor where external_id = case
            when n <= {of_calm} then '{calm}' when n % 2 = 0 then '{busy}' else 'bench-' || (1 + n % ({many} / 100)) end
        ) as actor
    from generate_series(1, {many}) n
    """,
    """
    insert into intake_generation (id, namespace, external_id, actor_id, model, deployment, stage, use_case, language,
        occurred_at, received_at)
    overriding system value
    select generation, 'default', 'bench-seed-' || n, actor, 'model-1', 'playground', 'general_availability', 'chat',
        'en', now() - n * interval '1 s', now() - n * interval '1 s'
    from bench_seed
    """,
    """
    insert into intake_content (generation_id, messages, parameters, digest, lengths)
    select generation, jsonb_build_array(
            jsonb_build_object('role', 'user', 'content', repeat('What is in the garden? ', 20)),
            jsonb_build_object('role', 'assistant', 'content', repeat('A ladder and a kettle. ', 40))),
        '{{}}', sha256(n::text::bytea), array[460, 920]
    from bench_seed
    """,
    """
    insert into queues_item (id, kind, generation_id, actor_id, status, verdict, trace, created_at)
    overriding system value
    select item, 'generation', generation, actor, 'open', '', '[]', now() - n * interval '1 s' from bench_seed
    """,
    """
    insert into queues_round (item_id, queue_id, purpose, status, priority, due_at, created_at, fence, seen_fence)
    select item, queue.id, 'first', 'open', n % 5, now() + (n % 86400) * interval '1 s',
        now() - n * interval '1 s', 0, 0
    from bench_seed join queues_queue queue on queue.slug = 'bench-' || (1 + n % {queues})
    """,
    "drop table public.bench_seed",
]
VACUUM = "vacuum analyze actors_actor, intake_generation, intake_content, queues_item, queues_round"


def many_open_items(world: World) -> None:
    """Fill eight queues with ``world.large`` open items, once."""
    if "seeded" in world.facts:
        return
    with world.owner() as owner:
        for statement in STATEMENTS:
            filled = statement.format(
                queues=QUEUES, many=world.large, busy=BUSY_ACTOR, calm=CALM_ACTOR, of_calm=OF_CALM_ACTOR
            )
            owner.execute(filled.encode())
    with world.owner() as owner:
        owner.autocommit = True
        owner.execute(VACUUM)
    world.facts["seeded"] = world.large
