"""What a draft says about its policy is kept as its clauses are: revisions, and frozen in review as well."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# In review a version may be approved, sent back and published; its words stay.
FREEZE_VERSIONS = """
    create or replace function policies_freeze_version() returns trigger language plpgsql
        set search_path = pg_catalog, public, pg_temp as $$
    declare
        steps text[] := array['status', 'submitted_at', 'approved_by_id', 'takes_effect_at', 'published_at'];
    begin
        if tg_op = 'DELETE' then
            if old.status = 'draft' then
                return old;
            end if;
        elsif old.status = 'draft' then
            return new;
        elsif old.status = 'in_review' and to_jsonb(new) - steps = to_jsonb(old) - steps then
            return new;
        elsif old.status = 'published' and new.status = 'retired'
            and to_jsonb(new) - 'status' - 'retired_at' = to_jsonb(old) - 'status' - 'retired_at' then
            return new;
        end if;
        raise exception 'policy version % is %', old.id, old.status using errcode = 'integrity_constraint_violation';
    end $$;
"""

FREEZE_VERSIONS_AS_BEFORE = """
    create or replace function policies_freeze_version() returns trigger language plpgsql
        set search_path = pg_catalog, public, pg_temp as $$
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
"""

FREEZE_REVISIONS = """
    create function policies_freeze_version_revision() returns trigger language plpgsql
        set search_path = pg_catalog, public, pg_temp as $$
    declare
        frozen text;
    begin
        select status into frozen from policies_policyversion
            where id = case when tg_op = 'INSERT' then new.version_id else old.version_id end for share;
        if tg_op = 'UPDATE' or frozen <> 'draft' then
            raise exception 'what was written in a policy version (%) does not change', frozen
                using errcode = 'integrity_constraint_violation';
        end if;
        return coalesce(new, old);
    end $$;
    create trigger freeze_revision before insert or update or delete on policies_versionrevision
        for each row execute function policies_freeze_version_revision();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0010_retirements"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="policyversion",
            name="revision",
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
        migrations.CreateModel(
            name="VersionRevision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("fields", models.JSONField()),
                ("replaced_at", models.DateTimeField()),
                (
                    "replaced_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="revisions",
                        to="policies.policyversion",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("version", "number"), name="versionrevision_once")],
            },
        ),
        migrations.RunSQL(
            FREEZE_REVISIONS,
            "drop trigger freeze_revision on policies_versionrevision;"
            "drop function policies_freeze_version_revision();",
        ),
        migrations.RunSQL(FREEZE_VERSIONS, FREEZE_VERSIONS_AS_BEFORE),
    ]
