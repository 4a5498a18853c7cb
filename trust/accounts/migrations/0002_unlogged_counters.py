from django.db import migrations


class Migration(migrations.Migration):
    """Counters of rate limits may start at zero after a crash; unlogged, they cost no disk write per request."""

    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RunSQL("alter table accounts_keyuse set unlogged", "alter table accounts_keyuse set logged"),
    ]
