from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Look at what was given up lately, by when it was, not by when it was written."""

    atomic = False
    dependencies = [("outgoing", "0006_given_up_at")]

    operations = [
        RemoveIndexConcurrently(model_name="message", name="message_given_up_lately"),
        AddIndexConcurrently(
            model_name="message",
            index=models.Index(
                fields=["-given_up_at", "-id"], condition=Q(status="dead"), name="message_given_up_lately"
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=~Q(status="dead") | Q(given_up_at__isnull=False), name="message_given_up_whole"
            ),
        ),
    ]
