from django.db import migrations

FORWARD = """
    create function refuse_change_of_signed_retrospective() returns trigger language plpgsql as $$
    begin
        if tg_op <> 'INSERT' and old.status = 'signed' then
            raise exception 'a signed retrospective is frozen' using errcode = 'integrity_constraint_violation';
        end if;
        if tg_op <> 'DELETE' and new.status = 'signed' and 2 > (
            select count(distinct by_id) from retrospectives_signoff
            where retrospective_id = new.id and version = new.version
        ) then
            raise exception 'two people sign a retrospective' using errcode = 'integrity_constraint_violation';
        end if;
        return case tg_op when 'DELETE' then old else new end;
    end $$;
    create trigger signed_is_frozen before insert or update or delete on retrospectives_retrospective
        for each row execute function refuse_change_of_signed_retrospective();

    create function refuse_change_of_signed_part() returns trigger language plpgsql as $$
    declare
        whole bigint := case tg_op when 'DELETE' then old.retrospective_id else new.retrospective_id end;
    begin
        if tg_table_name = 'retrospectives_actionitem' and tg_op = 'UPDATE'
            and to_jsonb(old) - 'done_at' - 'done_by_id' = to_jsonb(new) - 'done_at' - 'done_by_id' then
            return new;
        end if;
        -- wait for whoever signs just now, then look
        perform from retrospectives_retrospective where id = whole for share;
        perform from retrospectives_retrospective
        where status = 'signed' and (id = whole or (tg_op = 'UPDATE' and id = old.retrospective_id));
        if found then
            raise exception 'a signed retrospective is frozen' using errcode = 'integrity_constraint_violation';
        end if;
        return case tg_op when 'DELETE' then old else new end;
    end $$;
    create trigger signed_is_frozen before insert or update or delete on retrospectives_section
        for each row execute function refuse_change_of_signed_part();
    create trigger signed_is_frozen before insert or update or delete on retrospectives_actionitem
        for each row execute function refuse_change_of_signed_part();
"""

BACKWARD = """
    drop trigger signed_is_frozen on retrospectives_actionitem;
    drop trigger signed_is_frozen on retrospectives_section;
    drop function refuse_change_of_signed_part();
    drop trigger signed_is_frozen on retrospectives_retrospective;
    drop function refuse_change_of_signed_retrospective();
"""


class Migration(migrations.Migration):
    """A signed retrospective, its sections and its action items change no more; only an action item can get done."""

    dependencies = [("retrospectives", "0002_append_only")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
