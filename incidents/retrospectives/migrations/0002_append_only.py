from django.db import migrations

from trust.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("retrospectives", "0001_initial")]

    operations = [
        AppendOnly("retrospectives_signoff"),
    ]
