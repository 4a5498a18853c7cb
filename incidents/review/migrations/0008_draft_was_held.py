from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0007_bulk"),
    ]

    operations = [
        migrations.AddField(
            model_name="draft",
            name="was_held",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
