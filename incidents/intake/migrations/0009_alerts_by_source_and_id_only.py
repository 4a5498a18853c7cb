import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0008_arrivals_to_count"),
    ]

    operations = [
        migrations.AlterField(
            model_name="alert",
            name="source",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="alerts", to="intake.source"
            ),
        ),
    ]
