from django.db import migrations

from trust.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("intake", "0001_initial")]

    operations = [
        AppendOnly("intake_generation"),
        AppendOnly("intake_content"),
        AppendOnly("intake_alert"),
    ]
