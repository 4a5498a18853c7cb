from django.db import migrations

from trust.append_only import AppendOnly

FORWARD = """
    create function refuse_change_of_use_case() returns trigger language plpgsql as $$
    declare
        decision text[] := array['status', 'decided_by_id', 'decided_at', 'conditions', 'expires_at', 'decline_reason'];
        ending text[] := array['status', 'ended_by_id', 'ended_at', 'end_reason'];
    begin
        if tg_op = 'DELETE' then
            raise exception 'an application stays as it came' using errcode = 'integrity_constraint_violation';
        end if;
        if tg_op = 'INSERT' then
            if new.status <> 'applied' then
                raise exception 'an application comes in undecided' using errcode = 'integrity_constraint_violation';
            end if;
            return new;
        end if;
        if old.status = 'applied' and new.status in ('approved', 'declined')
            and to_jsonb(old) - decision is not distinct from to_jsonb(new) - decision then
            return new;
        end if;
        if old.status = 'approved' and new.status in ('withdrawn', 'replaced')
            and to_jsonb(old) - ending is not distinct from to_jsonb(new) - ending then
            return new;
        end if;
        if to_jsonb(old) is not distinct from to_jsonb(new) then
            return new;
        end if;
        raise exception 'what was asked for, and what was decided, are frozen'
            using errcode = 'integrity_constraint_violation';
    end $$;
    create trigger decided_is_frozen before insert or update or delete on use_cases_application
        for each row execute function refuse_change_of_use_case();

    create function refuse_word_of_another() returns trigger language plpgsql as $$
    begin
        perform from use_cases_fit where id = new.supersedes_id and item_id = new.item_id and by_id = new.by_id;
        if new.supersedes_id is not null and not found then
            raise exception 'a word supersedes one of the same person on the same item'
                using errcode = 'integrity_constraint_violation';
        end if;
        return new;
    end $$;
    create trigger superseded_is_own before insert on use_cases_fit
        for each row execute function refuse_word_of_another();
"""

BACKWARD = """
    drop trigger superseded_is_own on use_cases_fit;
    drop function refuse_word_of_another();
    drop trigger decided_is_frozen on use_cases_application;
    drop function refuse_change_of_use_case();
"""


class Migration(migrations.Migration):
    """What an actor asked for stays as it came, what was decided stays decided, and words are only added."""

    dependencies = [("use_cases", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD), AppendOnly("use_cases_fit")]
