"""Which routing rule an alert meets: conditions on what came in, by plain operators, no expression language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from django.utils.translation import gettext as _

from incidents.queues.models import RoutingRule

Condition = Mapping[str, Any]

SCORES: Final = "alert.scores."
TOP_SCORE: Final = "alert.top_score"


@dataclass(frozen=True, eq=False)
class Traits:
    """What alerts of one make have in common; all but a few thousand alerts share theirs with many others.

    ``categories`` are the policies and clauses that the flagged names stand for.
    """

    values: Mapping[str, Any]
    flagged: tuple[str, ...]
    categories: frozenset[str]


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """What rules may look at. ``scores_json`` is read only when a rule asks for a score."""

    alert_id: int
    generation_id: int
    actor_id: int | None
    restricted_category: str
    traits: Traits
    scores_json: str


@dataclass(frozen=True)
class Match:
    """The rule that an alert met first, None when it met none, and how many were tried."""

    rule: RoutingRule | None
    tried: int


FIELDS: Final = frozenset(
    {
        "alert.kind",
        "alert.flagged",
        TOP_SCORE,
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


class Matcher:
    """Ordered rules, ready to be held against many alerts.

    What does not depend on scores is worked out once for each make of alerts, so that fifty rules cost little more than
    five.
    """

    def __init__(self, rules: Sequence[RoutingRule]) -> None:
        self._rules = rules
        self._candidates: dict[Traits, list[tuple[Match, list[Condition]]]] = {}

    def first_match(self, facts: AlertFacts) -> Match:
        """Try the rules in their order."""
        candidates = self._candidates.get(facts.traits)
        if candidates is None:
            candidates = self._candidates[facts.traits] = list(self._left_open(facts.traits))
        scores: Mapping[str, Any] | None = None
        for match, about_scores in candidates:
            if about_scores and scores is None:
                scores = _scores(facts)
            if all(_meets(condition, scores) for condition in about_scores):
                return match
        return Match(None, len(self._rules))

    def _left_open(self, traits: Traits) -> Iterator[tuple[Match, list[Condition]]]:
        """Walk the rules that ``traits`` leave open, with the conditions that are still to be held against scores."""
        for tried, rule in enumerate(self._rules, start=1):
            about_scores = [condition for condition in rule.conditions if _is_about_scores(condition)]
            if all(_holds(condition, traits) for condition in rule.conditions if not _is_about_scores(condition)):
                yield Match(rule, tried), about_scores
                if not about_scores:
                    return


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


def _is_about_scores(condition: Condition) -> bool:
    field: str = condition["field"]
    return field == TOP_SCORE or field.startswith(SCORES)


def _holds(condition: Condition, traits: Traits) -> bool:
    if condition["operator"] == "has_category":
        return not traits.categories.isdisjoint(condition["value"])
    return OPERATORS[condition["operator"]](traits.values.get(condition["field"]), condition["value"])


def _meets(condition: Condition, scores: Mapping[str, Any] | None) -> bool:
    return OPERATORS[condition["operator"]]((scores or {}).get(condition["field"]), condition["value"])


def _scores(facts: AlertFacts) -> Mapping[str, Any]:
    """Return every score by the name of its field, and the highest of those that were flagged."""
    scores: dict[str, Any] = msgspec.json.decode(facts.scores_json)
    flagged = [scores[name] for name in facts.traits.flagged if name in scores]
    return {SCORES + name: score for name, score in scores.items()} | {TOP_SCORE: max(flagged, default=None)}


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
