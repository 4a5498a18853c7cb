from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("outgoing", "0004_reads_answer")]

    operations = [
        AddIndexConcurrently(
            model_name="message",
            index=models.Index(fields=["created_at"], condition=Q(status="dead"), name="message_given_up_lately"),
        ),
    ]
