from django.db import migrations

WHO = """
    create or replace function appeals_took_part(action bigint, person bigint) returns boolean language sql stable as $$
        select exists (
            select from enforcement_enforcementaction e where e.id = action
                and (e.proposed_by_id = person or e.approved_by_id = person
                    or e.declined_by_id = person or e.reversed_by_id = person or e.reviewed_by_id = person)
        ) or exists (
            select from enforcement_enforcementdecision under
            join review_decision rested_on on rested_on.id = under.decision_id
            join review_decision d on d.item_id = rested_on.item_id
            left join review_retraction r on r.decision_id = d.id
            where under.enforcement_id = action and (d.by_id = person or r.by_id = person)
        ) or exists (
            select from appeals_appealjudgement j join appeals_appeal a on a.id = j.appeal_id
            where a.enforcement_id = action and j.by_id = person
        ) or exists (
            select from enforcement_extension x where x.enforcement_id = action
                and (x.proposed_by_id = person or x.decided_by_id = person)
        ) {rules}
    $$;
"""

FORWARD = WHO.format(
    rules="""or exists (
            select from enforcement_enforcementaction e join enforcement_actingrule r on r.id = e.by_rule_id
            where e.id = action and (r.written_by_id = person or r.armed_by_id = person)
        ) or exists (
            select from enforcement_actingcheck c where c.enforcement_id = action and c.checked_by_id = person
        )"""
)

BACKWARD = WHO.format(rules="")


class Migration(migrations.Migration):
    """Who wrote or armed the rule that acted, and who checked what it did, judges no appeal against it."""

    dependencies = [("appeals", "0003_everybody_who_took_part"), ("enforcement", "0005_acting_rules")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
