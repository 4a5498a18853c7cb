from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("queues", "0014_round_of_an_appeal")]

    operations = [
        migrations.AlterField(
            model_name="round",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("first", "First review"),
                    ("second_opinion", "Second opinion"),
                    ("appeal", "Appeal"),
                    ("rejudge", "Judged again under a newer policy"),
                ],
                default="first",
                max_length=16,
            ),
        ),
    ]
