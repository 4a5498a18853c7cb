import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("actors", "0001_initial")]

    operations = [
        migrations.AddIndex(
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
