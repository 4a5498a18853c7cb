from django.db import migrations

from trust.append_only import AppendOnly

FORWARD = """
    alter table appeals_asks set unlogged;

    -- whether a person stands behind an action or any judgement that it rests on, also one that was taken back
    create function appeals_took_part(action bigint, person bigint) returns boolean language sql stable as $$
        select exists (
            select from enforcement_enforcementaction e where e.id = action
                and (e.proposed_by_id = person or e.approved_by_id = person
                    or e.declined_by_id = person or e.reversed_by_id = person)
        ) or exists (
            select from enforcement_enforcementdecision under
            join review_decision rested_on on rested_on.id = under.decision_id
            join review_decision d on d.item_id = rested_on.item_id
            left join review_retraction r on r.decision_id = d.id
            where under.enforcement_id = action and (d.by_id = person or r.by_id = person)
        ) or exists (
            select from appeals_appealjudgement j join appeals_appeal a on a.id = j.appeal_id
            where a.enforcement_id = action and j.by_id = person
        )
    $$;

    create function refuse_judge_who_took_part() returns trigger language plpgsql as $$
    declare
        action bigint;
        state text;
    begin
        -- an older snapshot would not see who decided just now
        if current_setting('transaction_isolation') <> 'read committed' then
            raise exception 'an appeal is judged in a transaction that reads what is committed'
                using errcode = 'integrity_constraint_violation';
        end if;
        select enforcement_id into action from appeals_appeal where id = new.appeal_id;
        -- wait for whoever approves, reverses or decides just now, then look
        perform from enforcement_enforcementaction where id = action for update;
        perform from queues_item where id in (
            select d.item_id from enforcement_enforcementdecision under
            join review_decision d on d.id = under.decision_id where under.enforcement_id = action
        ) order by id for update;
        select status into state from appeals_appeal where id = new.appeal_id for update;
        if state is distinct from 'open' then
            raise exception 'the appeal is not open' using errcode = 'integrity_constraint_violation';
        end if;
        if appeals_took_part(action, new.by_id) then
            raise exception 'an appeal is judged by nobody who took part in its action'
                using errcode = 'integrity_constraint_violation';
        end if;
        return new;
    end $$;
    create trigger judged_by_no_party before insert on appeals_appealjudgement
        for each row execute function refuse_judge_who_took_part();

    create function close_judged_appeal() returns trigger language plpgsql as $$
    begin
        update appeals_appeal set status = 'judged' where id = new.appeal_id;
        return null;
    end $$;
    create trigger judged_is_closed after insert on appeals_appealjudgement
        for each row execute function close_judged_appeal();

    create function refuse_change_of_appeal() returns trigger language plpgsql as $$
    begin
        if tg_op = 'DELETE' then
            raise exception 'an appeal stays as it came' using errcode = 'integrity_constraint_violation';
        end if;
        if tg_op = 'UPDATE' then
            if to_jsonb(old) - 'status' is distinct from to_jsonb(new) - 'status' then
                raise exception 'an appeal stays as it came' using errcode = 'integrity_constraint_violation';
            end if;
            if (new.status = 'judged') <> exists (
                select from appeals_appealjudgement where appeal_id = new.id
            ) then
                raise exception 'an appeal is judged by its judgement' using errcode = 'integrity_constraint_violation';
            end if;
            return new;
        end if;
        if new.status <> 'open' then
            raise exception 'an appeal comes in open' using errcode = 'integrity_constraint_violation';
        end if;
        perform from enforcement_enforcementaction where id = new.enforcement_id for update;
        perform from enforcement_enforcementaction where id = new.enforcement_id and approved_at is not null;
        if not found then
            raise exception 'what was not approved is not appealed' using errcode = 'integrity_constraint_violation';
        end if;
        return new;
    end $$;
    create trigger appeal_as_it_came before insert or update or delete on appeals_appeal
        for each row execute function refuse_change_of_appeal();
"""

BACKWARD = """
    drop trigger appeal_as_it_came on appeals_appeal;
    drop function refuse_change_of_appeal();
    drop trigger judged_is_closed on appeals_appealjudgement;
    drop function close_judged_appeal();
    drop trigger judged_by_no_party on appeals_appealjudgement;
    drop function refuse_judge_who_took_part();
    drop function appeals_took_part(bigint, bigint);
    alter table appeals_asks set logged;
"""


class Migration(migrations.Migration):
    """Nobody judges an appeal who took part in its action, whichever way the row is written."""

    dependencies = [("appeals", "0001_initial"), ("review", "0002_append_only")]

    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        AppendOnly("appeals_appealjudgement"),
        AppendOnly("appeals_overturneddecision"),
    ]
