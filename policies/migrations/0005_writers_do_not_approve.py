"""Who wrote in a version never approves it, and its head stays as it was read: the database refuses, whoever asks."""

from django.db import migrations

APPROVAL = """
    create function policies_refuse_writer() returns trigger language plpgsql as $$
    begin
        if new.approved_by_id is not null and exists (
            select from policies_contribution where version_id = new.id and person_id = new.approved_by_id
        ) then
            raise exception 'policy version % is approved by who wrote in it', new.id
                using errcode = 'integrity_constraint_violation';
        end if;
        if tg_op = 'UPDATE' and old.status = 'in_review'
            and (new.title, new.summary, new.change_note, new.number, new.policy_id, new.created_by_id)
                is distinct from (old.title, old.summary, old.change_note, old.number, old.policy_id, old.created_by_id) then
            raise exception 'policy version % is in review', old.id using errcode = 'integrity_constraint_violation';
        end if;
        return new;
    end $$;
    create trigger refuse_writer before insert or update on policies_policyversion
        for each row execute function policies_refuse_writer();
"""

CONTRIBUTIONS = """
    create function policies_freeze_contribution() returns trigger language plpgsql as $$
    declare
        frozen text;
    begin
        select status into frozen from policies_policyversion
            where id = case when tg_op = 'INSERT' then new.version_id else old.version_id end for share;
        if tg_op = 'UPDATE' or frozen <> 'draft' then
            raise exception 'who wrote in a policy version (%) does not change', frozen
                using errcode = 'integrity_constraint_violation';
        end if;
        return coalesce(new, old);
    end $$;
    create trigger freeze_contribution before insert or update or delete on policies_contribution
        for each row execute function policies_freeze_contribution();
"""

# Drafts that were open before: their one author is who wrote in them.
AUTHORS = """
    insert into policies_contribution (version_id, person_id, at)
    select id, created_by_id, created_at from policies_policyversion
    where status = 'draft' and created_by_id is not null;
"""


class Migration(migrations.Migration):
    dependencies = [("policies", "0004_editing")]

    operations = [
        migrations.RunSQL(
            APPROVAL,
            "drop trigger refuse_writer on policies_policyversion; drop function policies_refuse_writer();",
        ),
        migrations.RunSQL(
            CONTRIBUTIONS,
            "drop trigger freeze_contribution on policies_contribution; drop function policies_freeze_contribution();",
        ),
        migrations.RunSQL(AUTHORS, migrations.RunSQL.noop),
    ]
