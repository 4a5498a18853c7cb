"""A decision cites what is in force as it is made: no draft, and no version that was retired by then.

Decisions are written as they are made, so that the version's status at that moment is what counts. What was decided
before this migration stays as it is.
"""

from django.db import migrations

IN_FORCE = """
    create function review_cite_in_force() returns trigger language plpgsql
        set search_path = pg_catalog, public, pg_temp as $$
    declare
        cited record;
    begin
        select version.status, version.number, version.retired_at, decision.decided_at into cited
            from policies_clauseversion text
            join policies_policyversion version on version.id = text.version_id
            cross join review_decision decision
            where text.id = new.clause_id and decision.id = new.decision_id;
        if cited.status in ('draft', 'in_review') or cited.retired_at <= cited.decided_at then
            raise exception 'version % of a cited clause is not in force (%)', cited.number, cited.status
                using errcode = 'integrity_constraint_violation';
        end if;
        return null;
    end $$;
    create constraint trigger cite_in_force after insert on review_violation
        for each row execute function review_cite_in_force();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0013_typing_of_a_draft"),
        ("review", "0009_decisions_without_policy"),
    ]

    operations = [
        migrations.RunSQL(
            IN_FORCE, "drop trigger cite_in_force on review_violation; drop function review_cite_in_force();"
        ),
    ]
