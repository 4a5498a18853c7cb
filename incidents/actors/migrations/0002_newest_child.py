"""Who belongs to an organisation is read newest first, from an index of its own."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # built beside those who write; the older index goes once this one is there

    dependencies = [("actors", "0001_initial")]

    operations = [
        AddIndexConcurrently(
            model_name="actor",
            index=models.Index(fields=["parent", "-id"], name="actor_newest_child"),
        ),
        migrations.AlterField(
            model_name="actor",
            name="parent",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="children",
                to="actors.actor",
            ),
        ),
    ]
