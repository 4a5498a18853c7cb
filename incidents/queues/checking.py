"""Whether a routing rule can be used: every fault as a sentence, by the path of what is wrong."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _, gettext_lazy as _lazy, ngettext

from incidents.queues.matching import OPERATORS, SCORES, TOP_SCORE, Rule, is_number
from incidents.queues.models import Item

MOST_RULES: Final = 200
MOST_CONDITIONS: Final = 20
MOST_VALUES: Final = 200
MOST_TAGS: Final = 10
LONGEST_NAME: Final = 100
LONGEST_VALUE: Final = 200
LONGEST_TAG: Final = 40
BIGGEST_PRIORITY: Final = 100
MOST_DUE_MINUTES: Final = 60 * 24 * 365
MOST_KEPT_EVERY: Final = 1_000_000
TAG_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.")

CLOSES: Final = {
    Item.ClosedAs.BENIGN.value: _lazy("Close as benign"),
    Item.ClosedAs.DUPLICATE.value: _lazy("Close as duplicate"),
}

TEXT: Final = ("is", "is_not", "in")
LIST: Final = ("contains_any", "has_category")
NUMBER: Final = ("at_least", "at_most")
TAKES_LIST: Final = frozenset({"in", *LIST})

# What a condition may look at, and by which operators. A score has the name of its category behind ``alert.scores.``.
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "alert.kind": TEXT,
    "alert.flagged": LIST,
    TOP_SCORE: NUMBER,
    "alert.detector": TEXT,
    "alert.taxonomy": TEXT,
    "alert.source": TEXT,
    "generation.model": TEXT,
    "generation.deployment": TEXT,
    "generation.stage": TEXT,
    "generation.use_case": TEXT,
    "generation.language": TEXT,
    "actor.kind": TEXT,
    "actor.standing": TEXT,
}


def faults_in_rules(rules: Sequence[Rule], *, queues: Collection[str]) -> dict[str, list[str]]:
    """Return the faults of a whole set, by the key of the rule or "rules". ``queues`` are slugs that may be used."""
    faults: dict[str, list[str]] = {}
    if len(rules) > MOST_RULES:
        faults["rules"] = [_("A set has at most %(most)s rules.") % {"most": MOST_RULES}]
    if len({rule.key for rule in rules}) < len(rules):
        faults.setdefault("rules", []).append(_("Two rules have the same key."))
    for number, rule in enumerate(rules[:MOST_RULES], start=1):
        if found := faults_in_rule(rule, queues=queues):
            named = _("Rule %(number)s, “%(name)s”:") % {"number": number, "name": rule.name[:LONGEST_NAME]}
            faults[rule.key] = [f"{named} {sentence}" for sentence in found.values()]
    return faults


def faults_in_rule(rule: Rule, *, queues: Collection[str]) -> dict[str, str]:
    """Return the first fault of each part of a rule, by its name or "conditions.<number>.<part>"."""
    faults: dict[str, str] = {}
    if not rule.name.strip() or len(rule.name) > LONGEST_NAME or not is_plain(rule.name):
        faults["name"] = _("A rule has a name of at most %(most)s letters.") % {"most": LONGEST_NAME}
    if rule.queue and rule.queue not in queues:
        faults["queue"] = _("There is no queue %(queue)s that a rule can use.") % {"queue": rule.queue[:LONGEST_VALUE]}
    if rule.match not in {"all", "any"}:
        faults["match"] = _("Either all conditions must hold, or any.")
    faults |= _faults_in_effect(rule)
    if len(rule.conditions) > MOST_CONDITIONS:
        faults["conditions"] = _("A rule has at most %(most)s conditions.") % {"most": MOST_CONDITIONS}
    for number, condition in enumerate(rule.conditions[:MOST_CONDITIONS]):
        if fault := fault_in_condition(condition):
            part, sentence = fault
            faults[f"conditions.{number}.{part}"] = sentence
    return faults


def _faults_in_effect(rule: Rule) -> dict[str, str]:
    faults: dict[str, str] = {}
    if not -BIGGEST_PRIORITY <= rule.priority <= BIGGEST_PRIORITY:
        faults["priority"] = _("A priority is from %(least)s to %(most)s.") % {
            "least": -BIGGEST_PRIORITY,
            "most": BIGGEST_PRIORITY,
        }
    if rule.due_minutes is not None and not 1 <= rule.due_minutes <= MOST_DUE_MINUTES:
        faults["due_minutes"] = _("Due within a minute at least, and a year at most.")
    if len(rule.tags) > MOST_TAGS or not all(_is_tag(tag) for tag in rule.tags):
        faults["tags"] = _(
            "At most %(most)s tags, each of small letters, digits, hyphens, dots and underlines; at most 40 of them."
        ) % {"most": MOST_TAGS}
    if rule.close and rule.close not in CLOSES:
        faults["close"] = _("A rule closes as benign or as duplicate.")
    if not 0 <= rule.audited <= 1:
        faults["audited"] = _("A share is from 0 to 100 %.")
    if not 1 <= rule.keep_every <= MOST_KEPT_EVERY:
        faults["keep_every"] = _("Keep every first, up to every millionth.")
    elif rule.close and rule.keep_every > 1:
        faults["keep_every"] = _("A rule that closes keeps none but the share for audit: leave this at 1.")
    return faults


def fault_in_condition(condition: Any) -> tuple[str, str] | None:
    """Return the part that is wrong (field, score, operator or value) and the sentence, or None."""
    if not isinstance(condition, dict) or set(condition) != {"field", "operator", "value"}:
        return "field", _("A condition has a field, an operator and a value.")
    field, operator, value = condition["field"], condition["operator"], condition["value"]
    if not isinstance(field, str) or (field not in FIELDS and not field.startswith(SCORES)):
        return "field", _("There is no field %(field)s.") % {"field": str(field)[:LONGEST_VALUE]}
    if field not in FIELDS and not _is_value(field.removeprefix(SCORES)):
        return "score", _("Name the category whose score is meant.")
    if not isinstance(operator, str) or operator not in OPERATORS:
        return "operator", _("There is no operator %(operator)s.") % {"operator": str(operator)[:LONGEST_VALUE]}
    if sentence := _fault_in_value(operator, value):
        return "value", sentence
    if operator not in FIELDS.get(field, NUMBER):
        return "operator", _("%(field)s cannot be compared by %(operator)s.") % {"field": field, "operator": operator}
    return None


def _fault_in_value(operator: str, value: Any) -> str | None:
    if operator in NUMBER:
        is_usable = is_number(value) and abs(value) <= 10**9  # neither infinite nor nothing
        return None if is_usable else _("The operator %(operator)s takes a number.") % {"operator": operator}
    if operator not in TAKES_LIST:
        return None if _is_value(value) else _("A value has 1 to %(most)s letters.") % {"most": LONGEST_VALUE}
    if not isinstance(value, list) or not value:
        return _("The operator %(operator)s takes a list.") % {"operator": operator}
    if len(value) > MOST_VALUES:
        return ngettext("At most %(most)s value.", "At most %(most)s values.", MOST_VALUES) % {"most": MOST_VALUES}
    if not all(_is_value(one) for one in value):
        return _("A value has 1 to %(most)s letters.") % {"most": LONGEST_VALUE}
    return None


def _is_value(value: Any) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= LONGEST_VALUE and is_plain(value)


def _is_tag(tag: str) -> bool:
    return 1 <= len(tag) <= LONGEST_TAG and set(tag) <= TAG_LETTERS


def is_plain(text: str) -> bool:
    """Say whether PostgreSQL can keep ``text``: no NUL, no lone surrogate."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)
