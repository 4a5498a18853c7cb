"""Which routing rule an alert meets: conditions on what came in, by plain operators, no expression language."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

Condition = Mapping[str, Any]

SCORES: Final = "alert.scores."
TOP_SCORE: Final = "alert.top_score"


@dataclass(frozen=True, eq=False)
class Traits:
    """What alerts of one make have in common; all but a few thousand alerts share theirs with many others.

    ``categories`` are the policies and clauses that the flagged names stand for, ``applicable`` those of them that are
    about content in the language of this, too.
    """

    values: Mapping[str, Any]
    flagged: tuple[str, ...]
    categories: frozenset[str]
    applicable: frozenset[str]


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """What rules may look at. ``scores_json`` is read only when a rule asks for a score."""

    alert_id: int
    generation_id: int
    actor_id: int | None
    restricted_category: str
    traits: Traits
    scores_json: str
    sampling_rate: float = 1.0
    source_id: int | None = None
    detector_version_id: int | None = None


class Rule(msgspec.Struct, frozen=True, omit_defaults=True):
    """One rule of a set: when it holds, and what follows. Stored as JSON in ``RuleSet.rules``.

    ``key`` stays the same from version to version. ``conditions`` are [{"field", "operator", "value"}], of which all
    must hold, or any, as ``match`` says; without any, the rule always holds. ``close`` closes the item at once, but for
    the share ``audited`` of them; ``keep_every`` n keeps one item in n. See ``effects``.
    """

    key: str
    name: str
    queue: str = ""  # slug; empty: the default queue
    conditions: tuple[dict[str, Any], ...] = ()
    match: str = "all"
    priority: int = 0
    due_minutes: int | None = None
    tags: tuple[str, ...] = ()
    close: str = ""
    audited: float = 0.0
    keep_every: int = 1
    is_active: bool = True


def read_rules(stored: Sequence[Mapping[str, Any]]) -> list[Rule]:
    """Return the rules that ``RuleSet.rules`` holds, those that are switched off too."""
    return msgspec.convert(stored, list[Rule])


def stored(rules: Sequence[Rule]) -> list[dict[str, Any]]:
    """Return ``rules`` as ``RuleSet.rules`` holds them."""
    plain: list[dict[str, Any]] = msgspec.to_builtins(rules)
    return plain


@dataclass(frozen=True)
class Match:
    """The rule that an alert met first, with its place in the set, None when it met none; and how many were tried."""

    rule: Rule | None
    position: int | None
    tried: int


class Matcher:
    """Ordered rules, ready to be held against many alerts.

    What does not depend on scores is worked out once for each make of alerts, so that fifty rules cost little more than
    five.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        """``rules`` are all of a set, in order; those that are switched off keep their place and are not tried."""
        self._rules = [(position, rule) for position, rule in enumerate(rules, start=1) if rule.is_active]
        self._candidates: dict[Traits, list[tuple[Match, list[Condition]]]] = {}

    def first_match(self, facts: AlertFacts) -> Match:
        """Try the rules in their order."""
        candidates = self._candidates.get(facts.traits)
        if candidates is None:
            candidates = self._candidates[facts.traits] = list(self._left_open(facts.traits))
        scores: Mapping[str, Any] | None = None
        for match, about_scores in candidates:
            if not about_scores:
                return match
            if scores is None:
                scores = _scores(facts)
            if _combined(match, (_meets(condition, scores) for condition in about_scores)):
                return match
        return Match(None, None, len(self._rules))

    def _left_open(self, traits: Traits) -> Iterator[tuple[Match, list[Condition]]]:
        """Walk the rules that ``traits`` leave open, with the conditions that are still to be held against scores."""
        for tried, (position, rule) in enumerate(self._rules, start=1):
            about_scores: list[Condition] = [condition for condition in rule.conditions if _is_about_scores(condition)]
            others = [_holds(condition, traits) for condition in rule.conditions if not _is_about_scores(condition)]
            if rule.match == "any" and any(others):
                about_scores = []
            elif rule.match == "any":
                if rule.conditions and not about_scores:
                    continue
            elif not all(others):
                continue
            yield Match(rule, position, tried), about_scores
            if not about_scores:
                return


def _combined(match: Match, held: Iterator[bool]) -> bool:
    return any(held) if match.rule and match.rule.match == "any" else all(held)


def _is_about_scores(condition: Condition) -> bool:
    field: str = condition["field"]
    return field == TOP_SCORE or field.startswith(SCORES)


def _holds(condition: Condition, traits: Traits) -> bool:
    if condition["operator"] == "has_category":
        return not traits.applicable.isdisjoint(condition["value"])
    return OPERATORS[condition["operator"]](traits.values.get(condition["field"]), condition["value"])


def _meets(condition: Condition, scores: Mapping[str, Any] | None) -> bool:
    return OPERATORS[condition["operator"]]((scores or {}).get(condition["field"]), condition["value"])


def _scores(facts: AlertFacts) -> Mapping[str, Any]:
    """Return every score by the name of its field, and the highest of those that were flagged."""
    scores: dict[str, Any] = msgspec.json.decode(facts.scores_json)
    flagged = [scores[name] for name in facts.traits.flagged if name in scores]
    return {SCORES + name: score for name, score in scores.items()} | {TOP_SCORE: max(flagged, default=None)}


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _at_least(value: Any, bound: Any) -> bool:
    return is_number(value) and value >= bound


def _at_most(value: Any, bound: Any) -> bool:
    return is_number(value) and value <= bound


OPERATORS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "is": lambda value, wanted: bool(value == wanted),
    "is_not": lambda value, wanted: bool(value != wanted),
    "in": lambda value, wanted: value in wanted,
    "at_least": _at_least,
    "at_most": _at_most,
    "contains_any": lambda value, wanted: bool(value) and not set(value).isdisjoint(wanted),
    "has_category": lambda value, wanted: not set(value).isdisjoint(wanted),
}
