"""Which routing rule an alert meets: conditions on what came in, by plain operators, no expression language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from incidents.queues.models import RoutingRule

SCORES: Final = "alert.scores."


@dataclass(frozen=True)
class AlertFacts:
    """What rules may look at. ``categories`` are the policies and clauses that the flagged names stand for."""

    alert_id: int
    generation_id: int
    actor_id: int | None
    restricted_category: str
    received_at: datetime
    values: Mapping[str, Any]
    scores: Mapping[str, Any]
    categories: frozenset[str]

    def value_of(self, field: str) -> Any:
        return self.scores.get(field.removeprefix(SCORES)) if field.startswith(SCORES) else self.values.get(field)


@dataclass(frozen=True)
class Match:
    """The rule that an alert met first, None when it met none, and how many were tried."""

    rule: RoutingRule | None
    tried: int


FIELDS: Final = frozenset(
    {
        "alert.kind",
        "alert.flagged",
        "alert.top_score",
        "alert.detector",
        "alert.taxonomy",
        "alert.source",
        "generation.model",
        "generation.deployment",
        "generation.stage",
        "generation.use_case",
        "generation.language",
        "actor.kind",
        "actor.standing",
    }
)


def first_match(rules: Sequence[RoutingRule], facts: AlertFacts) -> Match:
    """Try ``rules`` in their order."""
    for tried, rule in enumerate(rules, start=1):
        if all(_holds(condition, facts) for condition in rule.conditions):
            return Match(rule, tried)
    return Match(None, len(rules))


def refusal_of_conditions(conditions: Iterable[Any]) -> str | None:
    """Say why a rule with ``conditions`` cannot be used, or return None."""
    for condition in conditions:
        if not isinstance(condition, dict) or set(condition) != {"field", "operator", "value"}:
            return _("A condition has a field, an operator and a value.")
        field, operator = condition["field"], condition["operator"]
        if field not in FIELDS and not str(field).startswith(SCORES):
            return _("There is no field %(field)s.") % {"field": field}
        if operator not in OPERATORS:
            return _("There is no operator %(operator)s.") % {"operator": operator}
        if operator in {"in", "contains_any", "has_category"} and not isinstance(condition["value"], list):
            return _("The operator %(operator)s takes a list.") % {"operator": operator}
        if operator in {"at_least", "at_most"} and not _is_number(condition["value"]):
            return _("The operator %(operator)s takes a number.") % {"operator": operator}
    return None


def _holds(condition: Mapping[str, Any], facts: AlertFacts) -> bool:
    if condition["operator"] == "has_category":
        return not facts.categories.isdisjoint(condition["value"])
    compare = OPERATORS[condition["operator"]]
    return compare(facts.value_of(condition["field"]), condition["value"])


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _at_least(value: Any, bound: Any) -> bool:
    return _is_number(value) and value >= bound


def _at_most(value: Any, bound: Any) -> bool:
    return _is_number(value) and value <= bound


OPERATORS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "is": lambda value, wanted: bool(value == wanted),
    "is_not": lambda value, wanted: bool(value != wanted),
    "in": lambda value, wanted: value in wanted,
    "at_least": _at_least,
    "at_most": _at_most,
    "contains_any": lambda value, wanted: bool(value) and not set(value).isdisjoint(wanted),
    "has_category": lambda value, wanted: not set(value).isdisjoint(wanted),
}
