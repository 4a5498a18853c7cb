from django.db import migrations

from trust.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("outgoing", "0001_initial")]

    operations = [
        AppendOnly("outgoing_attempt"),
    ]
