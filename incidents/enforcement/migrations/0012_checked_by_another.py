from django.db import migrations

FORWARD = """
    create function refuse_check_by_a_party() returns trigger language plpgsql as $$
    begin
        if exists (
            select from enforcement_actingrule
            where id = new.rule_id and new.checked_by_id in (written_by_id, armed_by_id)
        ) or exists (
            select from enforcement_enforcementdecision link join review_decision d on d.id = link.decision_id
            where link.enforcement_id = new.enforcement_id and d.by_id = new.checked_by_id
        ) then
            raise exception 'what a rule did is checked by somebody else' using errcode = 'integrity_constraint_violation';
        end if;
        return new;
    end $$;
    create trigger checked_by_another before update on enforcement_actingcheck
        for each row when (new.checked_by_id is distinct from old.checked_by_id)
        execute function refuse_check_by_a_party();
"""

BACKWARD = """
    drop trigger checked_by_another on enforcement_actingcheck;
    drop function refuse_check_by_a_party();
"""


class Migration(migrations.Migration):
    """Nobody checks what a rule did that they wrote or armed, or that rests on what they judged."""

    dependencies = [("enforcement", "0011_proposed_first"), ("review", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
