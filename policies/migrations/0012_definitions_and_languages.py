"""Terms that a version defines, and the languages of a clause; the triggers freeze both with the rest of their rows."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0011_words_about_a_policy"),
    ]

    operations = [
        migrations.AddField(
            model_name="clauseversion",
            name="languages",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=35),
                db_default=models.Value(
                    [], django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=35), size=None)
                ),
                default=list,
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="policyversion",
            name="definitions",
            field=models.JSONField(db_default=models.Value([], models.JSONField()), default=list),
        ),
    ]
