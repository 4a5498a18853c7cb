"""Fifty routing rules of every kind: most alerts meet a late one or none."""

from incidents.queues import operations, queries
from incidents.queues.matching import Rule
from incidents.queues.models import Queue
from tests.factories import make_user
from tests.harness.alerts import CATEGORIES


def put_in_force() -> None:
    """Publish them as the next version."""
    slugs = list(Queue.objects.filter(restricted_category="").order_by("position").values_list("slug", flat=True))
    rules = [_rule(number, slugs[number % len(slugs)]) for number in range(50)]
    based_on = queries.rules_in_force().number
    operations.publish_rules(rules, based_on=based_on, reason="Measured with fifty rules.", by=make_user(role="lead"))


def _rule(number: int, queue: str) -> Rule:
    category = CATEGORIES[number % len(CATEGORIES)]
    conditions = (
        {"field": "alert.flagged", "operator": "contains_any", "value": [category]},
        {"field": f"alert.scores.{category}", "operator": "at_least", "value": round(0.999 - number / 100, 3)},
        {"field": "generation.language", "operator": "in", "value": ["en", "fr", "de"]},
        {"field": "alert.top_score", "operator": "at_most", "value": 0.9999},
    )
    return Rule(key=f"rule-{number}", name=f"Rule {number}", queue=queue, conditions=conditions[: 2 + number % 3])
