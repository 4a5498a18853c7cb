from django.db import migrations, models


class Migration(migrations.Migration):
    """A use case is found by its name without reading through all of them."""

    dependencies = [("use_cases", "0002_decided_is_frozen")]

    operations = [
        migrations.AddIndex(
            "application", models.Index(fields=["name", "-entered_at", "-id"], name="application_by_name")
        ),
    ]
