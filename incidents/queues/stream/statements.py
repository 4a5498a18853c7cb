"""What the stream reads, and the pages with it. None of it costs more the more is waiting, or the more look on."""

from typing import Final

CHANNEL: Final = "trustdesk_queues"

# How the queues stand. Counts stop at %(cap)s; overdue and oldest are among those counted.
STATES: Final = """
    select q.id, w.waiting, w.overdue, h.held, i.came_in, o.went_out, w.next_due_at, w.oldest_at
    from queues_queue q
    cross join lateral (
        select count(*) as waiting, count(*) filter (where due_at < %(now)s) as overdue,
            min(due_at) as next_due_at, min(created_at) as oldest_at
        from (select due_at, created_at from queues_round
              where queue_id = q.id and status = 'open' and lease_by_id is null
              order by rank, due_at, id limit %(cap)s) first
    ) w
    cross join lateral (
        select count(*) as held from queues_round
        where queue_id = q.id and status = 'open' and lease_by_id is not null and lease_until > %(now)s
    ) h
    cross join lateral (
        select count(*) as came_in from (
            select from queues_round where queue_id = q.id and created_at > %(since)s limit %(cap)s) recent
    ) i
    cross join lateral (
        select count(*) as went_out from (
            select from queues_round where queue_id = q.id and status = 'closed' and closed_at > %(since)s
            limit %(cap)s) recent
    ) o
    where q.id = any(%(queues)s)
"""

QUEUES: Final = "select id, slug, restricted_category, is_for_leads from queues_queue order by id"

# What is held in the queues that are looked at, and what was closed there in the last minute: (queue, round, name of
# who, category of its restriction). As many as there are reviewers, and at most so many for each queue.
ROWS: Final = """
    select q.id, f.is_closed, f.id, coalesce(nullif(u.name, ''), u.email), coalesce((
        select restriction.category from queues_item i
        join intake_restriction restriction on restriction.generation_id = i.generation_id where i.id = f.item_id), '')
    from queues_queue q
    cross join lateral (
        (select false as is_closed, r.id, r.item_id, r.lease_by_id as person from queues_round r
         where r.queue_id = q.id and r.status = 'open' and r.lease_by_id is not null and r.lease_until > now()
         order by r.lease_until desc limit %(most)s)
        union all
        (select true, r.id, r.item_id, r.closed_by_id from queues_round r
         where r.queue_id = q.id and r.status = 'closed' and r.closed_at > now() - interval '1 minute'
         order by r.closed_at desc limit %(most)s)
    ) f
    join accounts_user u on u.id = f.person
    where q.id = any(%(queues)s)
"""

# Which of the viewers may still look, and for which restricted categories they are cleared.
ADMITTED: Final = """
    select v.place, coalesce((
        select array_agg(distinct c.category::text) from accounts_clearance c
        where c.person_id = v.person and c.approved_at is not null and c.revoked_at is null and c.expires_at > now()
    ), '{}')
    from unnest(%(places)s::int[], %(sessions)s::text[], %(people)s::bigint[], %(stamps)s::text[], %(roles)s::text[])
        as v (place, session, person, stamp, roles)
    join django_session s on encode(sha256(convert_to(s.session_key, 'UTF8')), 'hex') = v.session
        and s.expire_date > now()
    join accounts_user u on u.id = v.person and u.is_active and array_to_string(u.roles, ',') = v.roles
        and encode(sha256(convert_to(u.password, 'UTF8')), 'hex') = v.stamp
"""
