from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("queues", "0013_second_opinion_asked_by")]

    operations = [
        migrations.AlterField(
            model_name="round",
            name="purpose",
            field=models.CharField(
                choices=[("first", "First review"), ("second_opinion", "Second opinion"), ("appeal", "Appeal")],
                default="first",
                max_length=16,
            ),
        ),
    ]
