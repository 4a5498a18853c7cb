from django.db import migrations

FORWARD = """
    create function refuse_change_of_proposal() returns trigger language plpgsql as $$
    begin
        if old.proposed_by_id is not null and (old.actor_id, old.kind, old.parameters, old.reason, old.proposed_by_id,
            old.proposed_at) is distinct from (new.actor_id, new.kind, new.parameters, new.reason, new.proposed_by_id,
            new.proposed_at) then
            raise exception 'who proposed an action, and what, is frozen'
                using errcode = 'integrity_constraint_violation';
        end if;
        if old.approved_at is null and new.approved_at is not null and old.proposed_by_id is null then
            raise exception 'an action is proposed before it is approved'
                using errcode = 'integrity_constraint_violation';
        end if;
        return new;
    end $$;
    create trigger proposed_is_frozen before update on enforcement_enforcementaction
        for each row execute function refuse_change_of_proposal();
"""

BACKWARD = """
    drop trigger proposed_is_frozen on enforcement_enforcementaction;
    drop function refuse_change_of_proposal();
"""


class Migration(migrations.Migration):
    """Nobody puts another's name on their proposal to approve it then, and what is approved is what was proposed."""

    dependencies = [("enforcement", "0006_voided_by")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
