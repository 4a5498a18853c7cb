from django.db import migrations

WHO = """
    create or replace function appeals_took_part(action bigint, person bigint) returns boolean language sql stable as $$
        select exists (
            select from enforcement_enforcementaction e where e.id = action
                and (e.proposed_by_id = person or e.approved_by_id = person
                    or e.declined_by_id = person or e.reversed_by_id = person {reviewed})
        ) or exists (
            select from enforcement_enforcementdecision under
            join review_decision rested_on on rested_on.id = under.decision_id
            join review_decision d on d.item_id = rested_on.item_id
            left join review_retraction r on r.decision_id = d.id
            where under.enforcement_id = action and (d.by_id = person or r.by_id = person)
        ) or exists (
            select from appeals_appealjudgement j join appeals_appeal a on a.id = j.appeal_id
            where a.enforcement_id = action and j.by_id = person
        ) {extended}
    $$;
"""

FORWARD = WHO.format(
    reviewed="or e.reviewed_by_id = person",
    extended="""or exists (
            select from enforcement_extension x where x.enforcement_id = action
                and (x.proposed_by_id = person or x.decided_by_id = person)
        )""",
)

BACKWARD = WHO.format(reviewed="", extended="")


class Migration(migrations.Migration):
    """Who reviewed what one lead carried out alone, and who extended an action or declined to, took part in it too."""

    dependencies = [("appeals", "0002_judged_by_no_party"), ("enforcement", "0004_times_of_an_action")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
