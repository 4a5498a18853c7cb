from django.db import migrations, models

# What was given up before this was kept: at its last attempt.
OF_OLD = """
    update outgoing_message message set given_up_at = coalesce(
        (select max(attempt.at) from outgoing_attempt attempt where attempt.message_id = message.id), message.created_at)
    where status = 'dead'
"""


class Migration(migrations.Migration):
    dependencies = [("outgoing", "0005_given_up_lately")]

    operations = [
        migrations.AddField("message", "given_up_at", models.DateTimeField(null=True, help_text="The last time")),
        migrations.RunSQL(OF_OLD, migrations.RunSQL.noop),
    ]
