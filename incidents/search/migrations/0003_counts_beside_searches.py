from django.db import migrations, models


class Migration(migrations.Migration):
    """How often a person asked for counts is limited beside how often they searched."""

    dependencies = [("search", "0002_views_move_out")]

    operations = [
        migrations.AddField("searchuse", "counts", models.IntegerField(db_default=0, default=0)),
    ]
