"""Alerts are found by what they were flagged with, so that past items of a category are."""

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # built beside those who write

    dependencies = [
        ("intake", "0009_alerts_by_source_and_id_only"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="alert",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("flagged", []), _negated=True), fields=["flagged"], name="alert_by_flagged"
            ),
        ),
    ]
