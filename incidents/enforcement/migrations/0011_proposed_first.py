from django.db import migrations

FORWARD = """
    create function refuse_action_that_begins_approved() returns trigger language plpgsql as $$
    begin
        raise exception 'an action is proposed before it is approved' using errcode = 'integrity_constraint_violation';
    end $$;
    create trigger proposed_first before insert on enforcement_enforcementaction
        for each row when (new.approved_at is not null and new.by_rule_id is null)
        execute function refuse_action_that_begins_approved();
"""

BACKWARD = """
    drop trigger proposed_first on enforcement_enforcementaction;
    drop function refuse_action_that_begins_approved();
"""


class Migration(migrations.Migration):
    """No action begins as approved, in whosever names, but what a rule does, which is nobody's."""

    dependencies = [("enforcement", "0010_rules_days_and_checks")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
