import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from trust.append_only import AppendOnly

REFUSE_UNPUBLISHED = """
    create function policies_refuse_unpublished() returns trigger language plpgsql
        set search_path = pg_catalog, public, pg_temp as $$
    begin
        if not exists (
            select from policies_policyversion where id = new.version_id and status in ('published', 'retired')
        ) then
            raise exception 'policy version % was never in force', new.version_id
                using errcode = 'integrity_constraint_violation';
        end if;
        return new;
    end $$;
    create trigger refuse_unpublished before insert on policies_acknowledgement
        for each row execute function policies_refuse_unpublished();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0008_freeze_all_of_a_version"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Acknowledgement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                (
                    "person",
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
                        related_name="acknowledgements",
                        to="policies.policyversion",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("person", "version"), name="acknowledgement_once")],
            },
        ),
        AppendOnly("policies_acknowledgement"),
        migrations.RunSQL(
            REFUSE_UNPUBLISHED,
            "drop trigger refuse_unpublished on policies_acknowledgement; drop function policies_refuse_unpublished();",
        ),
    ]
