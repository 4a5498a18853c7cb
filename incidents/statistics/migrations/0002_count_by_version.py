"""Counts of violations say the clause at its version, so that they can be carried over to another version exactly.

What was counted without is counted again from the decisions, less what is still to be counted.
"""

import django.db.models.deletion
from django.db import migrations, models

COUNT_AGAIN = """
    delete from statistics_dailycount where kind = 'violation';
    insert into statistics_dailycount
        (day, kind, clause_id, policy_id, severity, verdict, source_id, actor_id, text_id, count)
    select (decision.decided_at at time zone 'UTC')::date, 'violation', text.clause_id, clause.policy_id,
        violation.severity, decision.verdict, first.source_id, item.actor_id, text.id, sum(weighed.weight)::int
    from review_decision decision
    left join review_retraction retraction on retraction.decision_id = decision.id
    left join (
        select decision_id, sum(weight) as weight from review_decisiontocount group by decision_id
    ) waiting on waiting.decision_id = decision.id
    cross join lateral (
        select (retraction.id is null)::int - coalesce(waiting.weight, 0)::int as weight
    ) weighed
    join queues_item item on item.id = decision.item_id
    left join lateral (
        select source_id from intake_alert where generation_id = item.generation_id order by id limit 1
    ) first on true
    join review_violation violation on violation.decision_id = decision.id
    join policies_clauseversion text on text.id = violation.clause_id
    join policies_clause clause on clause.id = text.clause_id
    join policies_policy policy on policy.id = clause.policy_id and policy.restricted_category = ''
    where weighed.weight <> 0
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9 having sum(weighed.weight) <> 0;
"""

ONE_VERSION = """
    create temporary table merged on commit drop as
        select day, clause_id, policy_id, severity, verdict, source_id, actor_id, sum(count)::int as count
        from statistics_dailycount where kind = 'violation' group by 1, 2, 3, 4, 5, 6, 7;
    delete from statistics_dailycount where kind = 'violation';
    insert into statistics_dailycount (day, kind, clause_id, policy_id, severity, verdict, source_id, actor_id, count)
        select day, 'violation', clause_id, policy_id, severity, verdict, source_id, actor_id, count from merged;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0009_alerts_by_source_and_id_only"),
        ("policies", "0012_definitions_and_languages"),
        ("queues", "0015_rejudge"),
        ("review", "0009_decisions_without_policy"),
        ("statistics", "0001_initial"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="dailycount", name="dailycount_once"),
        migrations.RemoveConstraint(model_name="dailycount", name="dailycount_clause_of_violations_alone"),
        migrations.AddField(
            model_name="dailycount",
            name="text",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="policies.clauseversion",
            ),
        ),
        migrations.RunSQL(
            f"{COUNT_AGAIN} set constraints all immediate; set constraints all deferred;",
            f"{ONE_VERSION} set constraints all immediate; set constraints all deferred;",
        ),
        migrations.AddConstraint(
            model_name="dailycount",
            constraint=models.UniqueConstraint(
                fields=("day", "kind", "clause", "policy", "severity", "verdict", "source", "actor", "text"),
                name="dailycount_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="dailycount",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("clause__isnull", False),
                        ("kind", "violation"),
                        ("policy__isnull", False),
                        ("severity__isnull", False),
                        ("text__isnull", False),
                    ),
                    models.Q(
                        models.Q(("kind", "violation"), _negated=True),
                        ("clause__isnull", True),
                        ("policy__isnull", True),
                        ("severity__isnull", True),
                        ("text__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="dailycount_text_of_violations_alone",
            ),
        ),
    ]
