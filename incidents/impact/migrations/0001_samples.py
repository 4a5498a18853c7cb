"""What is said of a draft is said before it is published, and nobody judges their own decision again: whoever asks."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from trust.append_only import AppendOnly

DRAFTS = """
    create function impact_refuse_published() returns trigger language plpgsql as $$
    begin
        if not exists (
            select from policies_policyversion where id = new.version_id and status in ('draft', 'in_review') for share
        ) then
            raise exception 'policy version % is no draft', new.version_id
                using errcode = 'integrity_constraint_violation';
        end if;
        return new;
    end $$;
    create trigger refuse_published before insert on impact_mark
        for each row execute function impact_refuse_published();
    create trigger refuse_published before insert on impact_sample
        for each row execute function impact_refuse_published();
"""

OTHERS = """
    create function impact_refuse_own() returns trigger language plpgsql as $$
    begin
        if exists (
            select from impact_sampled one join review_decision d on d.id = one.decision_id
            where one.id = new.sampled_id and d.by_id = new.by_id
        ) then
            raise exception 'whoever made a decision does not judge it again'
                using errcode = 'integrity_constraint_violation';
        end if;
        return new;
    end $$;
    create trigger refuse_own before insert on impact_rejudgement
        for each row execute function impact_refuse_own();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("policies", "0010_retirements"),
        ("review", "0009_decisions_without_policy"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Sample",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64)),
                ("seed", models.CharField(max_length=32)),
                ("cited", models.PositiveIntegerField()),
                ("flagged", models.PositiveIntegerField()),
                ("taken_at", models.DateTimeField()),
                (
                    "taken_by",
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
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="policies.policyversion",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Sampled",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "stratum",
                    models.CharField(
                        choices=[
                            ("cited", "cites a clause that changes"),
                            ("flagged", "flagged for the policy, and judged benign"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="review.decision"
                    ),
                ),
                (
                    "sample",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="impact.sample",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Rejudgement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "severity",
                    models.PositiveSmallIntegerField(
                        choices=[(0, "none"), (1, "minor"), (2, "moderate"), (3, "serious"), (4, "critical")], null=True
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "clause",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="policies.clause",
                    ),
                ),
                (
                    "sampled",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="answer", to="impact.sampled"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Mark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("changes_meaning", models.BooleanField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "clause",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="policies.clause",
                    ),
                ),
                (
                    "successor",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="policies.clause",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="policies.policyversion",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["version", "clause", "-id"], name="mark_newest_of_clause")],
            },
        ),
        migrations.AddIndex(
            model_name="sample",
            index=models.Index(fields=["version", "-id"], name="sample_newest_of_version"),
        ),
        migrations.AddConstraint(
            model_name="sampled",
            constraint=models.UniqueConstraint(fields=("sample", "decision"), name="sampled_once"),
        ),
        migrations.AddConstraint(
            model_name="rejudgement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("clause__isnull", True), ("severity__isnull", True)),
                    models.Q(("clause__isnull", False), ("severity__isnull", False), ("severity__lte", 4)),
                    _connector="OR",
                ),
                name="rejudgement_severity_with_clause",
            ),
        ),
        AppendOnly("impact_mark"),
        AppendOnly("impact_sample"),
        AppendOnly("impact_sampled"),
        AppendOnly("impact_rejudgement"),
        migrations.RunSQL(DRAFTS, "drop function impact_refuse_published() cascade"),
        migrations.RunSQL(OTHERS, "drop function impact_refuse_own() cascade"),
    ]
