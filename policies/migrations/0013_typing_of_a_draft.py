"""What is typed in the forms of a draft as a whole is kept as what is typed in those of its clauses."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0012_definitions_and_languages"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="typing",
            name="clause",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="policies.clause",
            ),
        ),
        migrations.AddField(
            model_name="typing",
            name="policy",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="policies.policy",
            ),
        ),
        migrations.AddField(
            model_name="typing",
            name="part",
            field=models.CharField(
                blank=True,
                choices=[("about", "About the policy"), ("new", "Add a clause")],
                db_default="",
                default="",
                max_length=5,
            ),
        ),
        migrations.AddConstraint(
            model_name="typing",
            constraint=models.UniqueConstraint(fields=("policy", "part", "person"), name="typing_of_draft_once"),
        ),
        migrations.AddConstraint(
            model_name="typing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("clause__isnull", False), ("part", ""), ("policy__isnull", True)),
                    models.Q(("clause__isnull", True), ("part__in", ["about", "new"]), ("policy__isnull", False)),
                    _connector="OR",
                ),
                name="typing_of_one_form",
            ),
        ),
    ]
