"""A published version is never edited: the database refuses it, whoever asks.

Its text can change only while it is a draft; after publication the one change left is to retire it.
"""

from django.db import migrations

FREEZE_VERSIONS = """
    create function policies_freeze_version() returns trigger language plpgsql as $$
    begin
        if tg_op = 'DELETE' then
            if old.status = 'draft' then
                return old;
            end if;
        elsif old.status in ('draft', 'in_review') then
            return new;
        elsif old.status = 'published' and new.status = 'retired'
            and to_jsonb(new) - 'status' - 'retired_at' = to_jsonb(old) - 'status' - 'retired_at' then
            return new;
        end if;
        raise exception 'policy version % is %', old.id, old.status using errcode = 'integrity_constraint_violation';
    end $$;
    create trigger freeze_published before update or delete on policies_policyversion
        for each row execute function policies_freeze_version();
"""

FREEZE_CLAUSES = """
    create function policies_freeze_clause() returns trigger language plpgsql as $$
    declare
        frozen text;
    begin
        select status into frozen from policies_policyversion
            where status <> 'draft' and (tg_op <> 'INSERT' and id = old.version_id or tg_op <> 'DELETE' and id = new.version_id)
            limit 1;
        if frozen is not null then
            raise exception 'the clauses of a % policy version do not change', frozen
                using errcode = 'integrity_constraint_violation';
        end if;
        return coalesce(new, old);
    end $$;
    create trigger freeze_published before insert or update or delete on policies_clauseversion
        for each row execute function policies_freeze_clause();
"""


class Migration(migrations.Migration):
    dependencies = [("policies", "0001_initial")]

    operations = [
        migrations.RunSQL(
            FREEZE_VERSIONS,
            "drop trigger freeze_published on policies_policyversion; drop function policies_freeze_version();",
        ),
        migrations.RunSQL(
            FREEZE_CLAUSES,
            "drop trigger freeze_published on policies_clauseversion; drop function policies_freeze_clause();",
        ),
    ]
