"""What is counted, in the one place that says so: SQL that turns decisions into rows of the rollup's shape.

A **decision** is counted once, a **violation** is one finding of a decision. A decision with a finding under a
restricted policy is a **referral**: it is counted once as that and not as a decision; its other findings count on.
"""

from typing import Final

COLUMNS: Final = "day, kind, clause_id, policy_id, severity, verdict, source_id, actor_id, text_id"

# What is still to do is counted with what was counted, in one statement: a number is exact as soon as it is decided.
TO_COUNT: Final = "select decision_id, weight::int as weight from review_decisiontocount"

# Every decision that stands, less what is still to be counted of it: what the rollup must hold at this very moment.
COUNTED: Final = """
    select decision.id as decision_id, (retraction.id is null)::int - coalesce(waiting.weight, 0)::int as weight
    from review_decision decision
    left join review_retraction retraction on retraction.decision_id = decision.id
    left join (
        select decision_id, sum(weight) as weight from review_decisiontocount group by decision_id
    ) waiting on waiting.decision_id = decision.id
"""

TAKEN: Final = "select * from unnest(%(decisions)s::bigint[], %(weights)s::int[]) as row(decision_id, weight)"

OF_ITEMS: Final = """
    select decision.id as decision_id, 1 as weight
    from review_decision decision
    where decision.item_id = any(%(items)s::bigint[])
        and not exists (select from review_retraction retraction where retraction.decision_id = decision.id)
"""


def counted_from(decisions: str) -> str:
    """Return CTEs, the last of them ``counted`` (``COLUMNS`` and weight), from a query of (decision_id, weight)."""
    return f"""
    taken as ({decisions}),
    judged as (
        select decision.id as decision_id, taken.weight, (decision.decided_at at time zone 'UTC')::date as day,
            decision.verdict, item.actor_id, (
                select alert.source_id from intake_alert alert
                where alert.generation_id = item.generation_id order by alert.id limit 1
            ) as source_id
        from (select decision_id, sum(weight) as weight from taken group by decision_id) taken
        join review_decision decision on decision.id = taken.decision_id
        join queues_item item on item.id = decision.item_id
        where taken.weight <> 0
    ),
    found as (
        select judged.*, text.id as text_id, text.clause_id, clause.policy_id, violation.severity,
            policy.restricted_category <> '' as refers
        from judged
        join review_violation violation on violation.decision_id = judged.decision_id
        join policies_clauseversion text on text.id = violation.clause_id
        join policies_clause clause on clause.id = text.clause_id
        join policies_policy policy on policy.id = clause.policy_id
    ),
    referred as (select distinct decision_id from found where refers),
    counted as (
        select day, case when referred.decision_id is null then 'decision' else 'referral' end as kind,
            null::bigint as clause_id, null::bigint as policy_id, null::int as severity,
            verdict, source_id, actor_id, null::bigint as text_id, weight
        from judged left join referred on referred.decision_id = judged.decision_id
        union all
        select day, 'violation', clause_id, policy_id, severity, verdict, source_id, actor_id, text_id, weight
        from found where not refers
    )
    """  # noqa: S608  the queries above


def added_up(rows: str) -> str:
    """Return a query that adds ``rows`` (``COLUMNS`` and weight) up; what cancels out is left out.

    In one order for all, so that two at once wait for each other and never in a circle.
    """
    numbers = ", ".join(str(number + 1) for number in range(len(COLUMNS.split(","))))
    return f"""
    select {COLUMNS}, sum(weight)::int from {rows} group by {numbers} having sum(weight) <> 0 order by {numbers}
    """  # noqa: S608  names of ours
