"""Items that joined gaps before days were counted: one count a gap, day (UTC) and expected severity."""

from django.db import migrations

COUNT = """
    insert into policies_gapday (gap_id, day, severity, items)
        select joined.gap_id, (decision.decided_at at time zone 'UTC')::date, round.expected_severity, count(*)
        from (
            select id as decision_id, gap_id from review_decision where gap_id is not null
            union all
            select member.decision_id, suggestion.gap_id from guidance_member member
            join guidance_suggestion suggestion on suggestion.id = member.suggestion_id where member.is_joined
        ) joined
        join review_decision decision on decision.id = joined.decision_id
        join queues_round round on round.id = decision.round_id
        where not exists (select from review_retraction r where r.decision_id = decision.id)
        group by 1, 2, 3
        on conflict (gap_id, day, severity) do nothing;
    update policies_policygap gap set highest_severity = counted.severity,
            first_seen_at = least(gap.first_seen_at, counted.day at time zone 'UTC')
        from (select gap_id, max(severity) as severity, min(day) as day from policies_gapday group by 1) counted
        where counted.gap_id = gap.id;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("guidance", "0001_suggestions"),
        ("policies", "0007_tell_of_gaps_before"),
        ("review", "0009_decisions_without_policy"),
    ]

    operations = [migrations.RunSQL(COUNT, migrations.RunSQL.noop)]
