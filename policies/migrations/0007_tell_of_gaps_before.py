"""Gaps that were there already get the events that their times tell of."""

from django.db import migrations

TELL = """
    update policies_policygap gap set covered_by_id = version.id
        from policies_clause clause join policies_policyversion version using (policy_id)
        where clause.id = gap.clause_id and gap.status = 'covered' and version.published_at = gap.published_at;
    update policies_policygap set first_seen_at = opened_at;
    insert into policies_gapevent (gap_id, clock_number, kind, at, clause_key, version_number, reason)
        select gap.id, 1, told.kind, told.at,
            case when told.kind = 'opened' then '' else coalesce(clause.key, '') end,
            case when told.kind = 'covered' then version.number end,
            case when told.kind = 'closed' then coalesce(closed.reason, '') else '' end
        from policies_policygap gap
        left join policies_clause clause on clause.id = gap.clause_id
        left join policies_policyversion version on version.id = gap.covered_by_id
        left join lateral (
            select event.at, event.reason from audit_auditsubject subject
            join audit_auditevent event on event.id = subject.event_id and event.kind = 'policy_gap.closed'
            where subject.subject_kind = 'policies.policygap' and subject.subject_id = gap.id
            order by event.id desc limit 1
        ) closed on gap.status = 'not_a_violation'
        cross join lateral (values
            (1, 'opened', gap.opened_at),
            (2, 'drafted', gap.drafted_at),
            (3, 'covered', gap.published_at),
            (4, 'enforced', gap.first_enforced_at),
            (5, 'closed', case when gap.status = 'not_a_violation' then coalesce(closed.at, gap.last_seen_at) end)
        ) told (place, kind, at)
        where told.at is not null
        order by gap.id, told.place;
"""


class Migration(migrations.Migration):
    dependencies = [("policies", "0006_gap_events"), ("audit", "0002_append_only")]

    operations = [migrations.RunSQL(TELL, migrations.RunSQL.noop)]
