from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("review", "0008_draft_was_held")]

    operations = [
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(
                fields=["-decided_at", "-id"],
                condition=models.Q(verdict="no_policy_fits"),
                name="decision_without_policy",
            ),
        ),
    ]
