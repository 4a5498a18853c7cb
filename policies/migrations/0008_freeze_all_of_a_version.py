"""All that belongs to a published version stays: what its clauses said before, its names, and no detour around these.

The functions name tables without a schema. A temporary table of the same name would be asked instead, and anyone may
make one: each function gets a search path that looks there last. A clause takes a share of its version's row before it
asks, so that a write that began before a publication does not end after it.
"""

from django.db import migrations

FREEZE_CLAUSES = """
    create or replace function policies_freeze_clause() returns trigger language plpgsql as $$
    declare
        frozen text;
    begin
        perform from policies_policyversion
            where tg_op <> 'INSERT' and id = old.version_id or tg_op <> 'DELETE' and id = new.version_id for share;
        select status into frozen from policies_policyversion
            where status <> 'draft' and (tg_op <> 'INSERT' and id = old.version_id or tg_op <> 'DELETE' and id = new.version_id)
            limit 1;
        if frozen is not null then
            raise exception 'the clauses of a % policy version do not change', frozen
                using errcode = 'integrity_constraint_violation';
        end if;
        return coalesce(new, old);
    end $$;
"""

FREEZE_CLAUSES_AS_BEFORE = """
    create or replace function policies_freeze_clause() returns trigger language plpgsql as $$
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
"""

FREEZE_REVISIONS = """
    create function policies_freeze_revision() returns trigger language plpgsql as $$
    declare
        frozen text;
    begin
        select version.status into frozen
            from policies_clauseversion text join policies_policyversion version on version.id = text.version_id
            where text.id = case when tg_op = 'INSERT' then new.text_id else old.text_id end for share of version;
        if tg_op = 'UPDATE' or frozen <> 'draft' then
            raise exception 'what was written in a policy version (%) does not change', frozen
                using errcode = 'integrity_constraint_violation';
        end if;
        return coalesce(new, old);
    end $$;
    create trigger freeze_revision before insert or update or delete on policies_clauserevision
        for each row execute function policies_freeze_revision();
"""

FREEZE_NAMES = """
    create function policies_freeze_name() returns trigger language plpgsql as $$
    declare
        is_published boolean;
    begin
        if tg_table_name = 'policies_policy' then
            is_published := exists (
                select from policies_policyversion where policy_id = old.id and status in ('published', 'retired')
            );
        else
            is_published := exists (
                select from policies_clauseversion text
                join policies_policyversion version on version.id = text.version_id
                where text.clause_id = old.id and version.status in ('published', 'retired')
            );
        end if;
        if is_published then
            raise exception '% % was published under its name', tg_table_name, old.id
                using errcode = 'integrity_constraint_violation';
        end if;
        return coalesce(new, old);
    end $$;
    create trigger freeze_name before update of id, key on policies_policy
        for each row when ((old.id, old.key) is distinct from (new.id, new.key)) execute function policies_freeze_name();
    create trigger freeze_name_delete before delete on policies_policy
        for each row execute function policies_freeze_name();
    create trigger freeze_name before update of id, key, policy_id on policies_clause
        for each row when ((old.id, old.key, old.policy_id) is distinct from (new.id, new.key, new.policy_id))
        execute function policies_freeze_name();
    create trigger freeze_name_delete before delete on policies_clause
        for each row execute function policies_freeze_name();
"""

FUNCTIONS = [
    "policies_freeze_version",
    "policies_freeze_clause",
    "policies_freeze_contribution",
    "policies_freeze_revision",
    "policies_freeze_name",
    "policies_refuse_writer",
]
NO_DETOUR = "".join(f"alter function {name}() set search_path = pg_catalog, public, pg_temp;" for name in FUNCTIONS)
BEFORE = [name for name in FUNCTIONS if name not in {"policies_freeze_revision", "policies_freeze_name"}]
DETOUR = "".join(f"alter function {name}() reset search_path;" for name in BEFORE)


class Migration(migrations.Migration):
    dependencies = [("policies", "0007_tell_of_gaps_before")]

    operations = [
        migrations.RunSQL(FREEZE_CLAUSES, FREEZE_CLAUSES_AS_BEFORE),
        migrations.RunSQL(
            FREEZE_REVISIONS,
            "drop trigger freeze_revision on policies_clauserevision; drop function policies_freeze_revision();",
        ),
        migrations.RunSQL(
            FREEZE_NAMES,
            "drop trigger freeze_name on policies_policy; drop trigger freeze_name_delete on policies_policy;"
            "drop trigger freeze_name on policies_clause; drop trigger freeze_name_delete on policies_clause;"
            "drop function policies_freeze_name();",
        ),
        migrations.RunSQL(NO_DETOUR, DETOUR),
    ]
