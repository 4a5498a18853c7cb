import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from trust.append_only import AppendOnly


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("actors", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Word",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "verdict",
                    models.CharField(choices=[("asserted", "Linked"), ("rejected", "Not linked")], max_length=8),
                ),
                ("evidence", models.CharField(max_length=1000)),
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
                    "first",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="actors.actor"
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="actors.actor"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["first", "-id"], name="word_of_first"),
                    models.Index(fields=["second", "-id"], name="word_of_second"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("first__lt", models.F("second"))), name="word_pair_in_order"
                    )
                ],
            },
        ),
        AppendOnly("linking_word"),
    ]
