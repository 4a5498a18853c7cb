import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('intake', '0006_batches_by_source'),
    ]

    operations = [
        migrations.AlterField(
            model_name='alert',
            name='source',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='alerts', to='intake.source'),
        ),
    ]
