from django.db import migrations

from trust.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("review", "0001_initial")]

    operations = [
        AppendOnly("review_decision"),
        AppendOnly("review_violation"),
        AppendOnly("review_retraction"),
    ]
