from django.db import migrations

FORWARD = """
    create function refuse_another_day() returns trigger language plpgsql as $$
    begin
        if tg_op = 'DELETE' then
            raise exception 'what a rule did on a day stays' using errcode = 'integrity_constraint_violation';
        end if;
        if not exists (select from enforcement_actingrule where id = new.rule_id and cap = new.cap) then
            raise exception 'the cap of a day is that of its rule' using errcode = 'integrity_constraint_violation';
        end if;
        if tg_op = 'UPDATE' and ((old.rule_id, old.day) is distinct from (new.rule_id, new.day)
            or new.acted < old.acted or new.held_back < old.held_back) then
            raise exception 'what a rule did on a day only grows' using errcode = 'integrity_constraint_violation';
        end if;
        return new;
    end $$;
    create trigger day_of_its_rule before insert or update or delete on enforcement_actingruleday
        for each row execute function refuse_another_day();

    create function refuse_check_of_another() returns trigger language plpgsql as $$
    begin
        if new.checked_at is not null then
            raise exception 'a check is drawn first, and answered then' using errcode = 'integrity_constraint_violation';
        end if;
        if not exists (
            select from enforcement_enforcementaction where id = new.enforcement_id and by_rule_id = new.rule_id
        ) then
            raise exception 'a check is of what its rule did' using errcode = 'integrity_constraint_violation';
        end if;
        return new;
    end $$;
    create trigger check_of_its_rule before insert on enforcement_actingcheck
        for each row execute function refuse_check_of_another();

    create function refuse_change_of_approved() returns trigger language plpgsql as $$
    begin
        if old.approved_at is not null and (old.parameters, old.reason, old.approval_reason) is distinct from
            (new.parameters, new.reason, new.approval_reason) then
            raise exception 'what was approved, and why, is frozen' using errcode = 'integrity_constraint_violation';
        end if;
        return new;
    end $$;
    create trigger approved_stays before update on enforcement_enforcementaction
        for each row execute function refuse_change_of_approved();
"""

BACKWARD = """
    drop trigger approved_stays on enforcement_enforcementaction;
    drop function refuse_change_of_approved();
    drop trigger check_of_its_rule on enforcement_actingcheck;
    drop function refuse_check_of_another();
    drop trigger day_of_its_rule on enforcement_actingruleday;
    drop function refuse_another_day();
"""


class Migration(migrations.Migration):
    """No day goes past the cap of its rule, no check is of another rule's action, what was approved stays."""

    dependencies = [("enforcement", "0009_statements")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
