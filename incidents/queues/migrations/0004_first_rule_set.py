from typing import Any

from django.db import migrations
from django.utils import timezone


def keep_rules(apps: Any, schema_editor: Any) -> None:
    """Turn the rules that there are into version 1."""
    rules = apps.get_model("queues", "RoutingRule").objects.select_related("queue").order_by("position")
    stored = [
        {
            "key": f"first-{rule.position}",
            "name": rule.name,
            "queue": rule.queue.slug,
            "conditions": rule.conditions,
            "priority": rule.priority,
            "is_active": rule.is_active,
        }
        for rule in rules
    ]
    if stored:
        apps.get_model("queues", "RuleSet").objects.create(number=1, rules=stored, made_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("queues", "0003_rule_sets")]

    operations = [
        migrations.RunPython(keep_rules, migrations.RunPython.noop),
        migrations.RemoveField(model_name="routingrule", name="queue"),
        migrations.DeleteModel(name="RoutingRule"),
    ]
