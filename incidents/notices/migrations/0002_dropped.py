from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_initial")]

    operations = [
        migrations.AddField(model_name="mail", name="dropped_at", field=models.DateTimeField(null=True)),
        migrations.RemoveIndex(model_name="mail", name="mail_to_send"),
        migrations.AddIndex(
            model_name="mail",
            index=models.Index(
                fields=["next_at", "id"], condition=Q(sent_at__isnull=True, dropped_at__isnull=True), name="mail_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(dropped_at__isnull=True), name="mail_sent_or_dropped"
            ),
        ),
    ]
