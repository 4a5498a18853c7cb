import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

# The answer is written once; the proposal stays as it was made.
KEEP = """
    create function policies_keep_retirement() returns trigger language plpgsql
        set search_path = pg_catalog, public, pg_temp as $$
    declare
        answer text[] := array['status', 'decided_by_id', 'decided_at', 'answer'];
    begin
        if tg_op = 'UPDATE' and old.status = 'proposed' and to_jsonb(new) - answer = to_jsonb(old) - answer then
            return new;
        end if;
        raise exception 'retirement % is %', old.id, old.status using errcode = 'integrity_constraint_violation';
    end $$;
    create trigger keep_retirement before update or delete on policies_retirement
        for each row execute function policies_keep_retirement();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0009_acknowledgements"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Retirement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "status",
                    models.CharField(
                        choices=[("proposed", "Proposed"), ("approved", "Approved"), ("declined", "Declined")],
                        default="proposed",
                        max_length=8,
                    ),
                ),
                ("reason", models.TextField()),
                ("proposed_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("answer", models.TextField(blank=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="retirements",
                        to="policies.policyversion",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(("status", "declined"), _negated=True),
                        fields=("version",),
                        name="retirement_one_of_a_version",
                    ),
                    models.CheckConstraint(
                        condition=Q(
                            Q(("status", "approved"), _negated=True),
                            Q(("decided_by", F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="retirement_by_two_people",
                    ),
                    models.CheckConstraint(
                        condition=Q(
                            Q(("decided_at__isnull", True), ("decided_by__isnull", True), ("status", "proposed")),
                            Q(
                                Q(("status", "proposed"), _negated=True),
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="retirement_decided_by_somebody",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            KEEP, "drop trigger keep_retirement on policies_retirement; drop function policies_keep_retirement();"
        ),
    ]
