from django.db import migrations

FORWARD = """
    create function refuse_change_of_approved_action() returns trigger language plpgsql as $$
    begin
        if tg_op = 'DELETE' then
            if old.approved_at is not null then
                raise exception 'an approved action is not deleted' using errcode = 'integrity_constraint_violation';
            end if;
            return old;
        end if;
        if old.approved_at is not null and (old.actor_id, old.kind, old.proposed_by_id, old.proposed_at,
            old.approved_by_id, old.approved_at, old.evidence, old.declined_by_id) is distinct from
            (new.actor_id, new.kind, new.proposed_by_id, new.proposed_at,
            new.approved_by_id, new.approved_at, new.evidence, new.declined_by_id) then
            raise exception 'who stands behind an approved action, and its evidence, are frozen'
                using errcode = 'integrity_constraint_violation';
        end if;
        if old.reversed_at is not null and (old.status, old.reversed_by_id, old.reversed_at)
            is distinct from (new.status, new.reversed_by_id, new.reversed_at) then
            raise exception 'a reversal is not taken back' using errcode = 'integrity_constraint_violation';
        end if;
        return new;
    end $$;
    create trigger approved_is_frozen before update or delete on enforcement_enforcementaction
        for each row execute function refuse_change_of_approved_action();

    create function refuse_change_of_approved_evidence() returns trigger language plpgsql as $$
    begin
        -- wait for whoever approves just now, then look
        perform from enforcement_enforcementaction where id = old.enforcement_id for share;
        perform from enforcement_enforcementaction where id = old.enforcement_id and approved_at is not null;
        if found then
            raise exception 'the evidence of an approved action is frozen'
                using errcode = 'integrity_constraint_violation';
        end if;
        return case tg_op when 'DELETE' then old else new end;
    end $$;
    create trigger approved_is_frozen before update or delete on enforcement_enforcementdecision
        for each row execute function refuse_change_of_approved_evidence();
"""

BACKWARD = """
    drop trigger approved_is_frozen on enforcement_enforcementdecision;
    drop function refuse_change_of_approved_evidence();
    drop trigger approved_is_frozen on enforcement_enforcementaction;
    drop function refuse_change_of_approved_action();
"""


class Migration(migrations.Migration):
    """Who proposed, approved and reversed an action, and the decisions that it rests on, stay as they were.

    An appeal is judged by nobody of these: so nobody may be taken out of them.
    """

    dependencies = [("enforcement", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
