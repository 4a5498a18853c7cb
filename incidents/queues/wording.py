"""A rule in words, for the pages that list rules and compare versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from incidents.queues import checking
from incidents.queues.forms import FIELD_NAMES, NAMED_SCORE, OPERATOR_NAMES
from incidents.queues.matching import SCORES, Rule
from incidents.queues.models import Queue

SHOWN_VALUES = 6


@dataclass(frozen=True)
class RuleView:
    """A rule as a page shows it: its place, when it holds and what follows."""

    number: int
    rule: Rule
    conditions: list[str]
    effects: list[str]
    is_first: bool = False
    is_last: bool = False


@dataclass(frozen=True)
class Change:
    """What became of one rule between two versions: "added", "removed", "changed" or "moved"."""

    kind: str
    old: RuleView | None
    new: RuleView | None


def views_of(rules: Sequence[Rule], queues: dict[str, Queue]) -> list[RuleView]:
    return [
        RuleView(
            number,
            rule,
            [condition_in_words(one) for one in rule.conditions],
            effects_in_words(rule, queues),
            number == 1,
            number == len(rules),
        )
        for number, rule in enumerate(rules, start=1)
    ]


def changes(old: Sequence[RuleView], new: Sequence[RuleView]) -> list[Change]:
    """Compare two versions by the keys of their rules; what only moved counts when its order among the others did."""
    before, after = {view.rule.key: view for view in old}, {view.rule.key: view for view in new}
    kept_before = [key for key in before if key in after]
    kept_after = [key for key in after if key in before]
    moved = {key for key, there in zip(kept_before, kept_after, strict=True) if key != there}
    found = [Change("removed", view, None) for key, view in before.items() if key not in after]
    for key, view in after.items():
        was = before.get(key)
        if was is None:
            found.append(Change("added", None, view))
        elif was.rule != view.rule:
            found.append(Change("changed", was, view))
        elif key in moved:
            found.append(Change("moved", was, view))
    return found


def condition_in_words(condition: dict[str, Any]) -> str:
    field, value = condition["field"], condition["value"]
    name = str(FIELD_NAMES[NAMED_SCORE]) if field.startswith(SCORES) else str(FIELD_NAMES.get(field, field))
    if field.startswith(SCORES):
        name = _("Alert: score of %(category)s") % {"category": field.removeprefix(SCORES)}
    operator = OPERATOR_NAMES.get(condition["operator"], condition["operator"])
    return f"{name} {operator} {_value_in_words(value)}"


def _value_in_words(value: Any) -> str:
    if not isinstance(value, list):
        return str(value)
    shown = ", ".join(map(str, value[:SHOWN_VALUES]))
    if len(value) <= SHOWN_VALUES:
        return shown
    return _("%(shown)s and %(more)s more") % {"shown": shown, "more": len(value) - SHOWN_VALUES}


def effects_in_words(rule: Rule, queues: dict[str, Queue]) -> list[str]:
    queue = queues[rule.queue].name if rule.queue in queues else _("the default queue")
    words = [_("to %(queue)s") % {"queue": queue}]
    if rule.close:
        words = [str(checking.CLOSES.get(rule.close, rule.close))]
        words.append(_("%(share)s %% to the audit queue") % {"share": f"{rule.audited * 100:g}"})
    elif rule.keep_every > 1:
        words.append(_("one in %(every)s kept") % {"every": rule.keep_every})
    if rule.priority:
        words.append(_("priority %(priority)s") % {"priority": rule.priority})
    if rule.due_minutes:
        words.append(_("due within %(minutes)s min") % {"minutes": rule.due_minutes})
    if rule.tags:
        words.append(_("tags %(tags)s") % {"tags": ", ".join(rule.tags)})
    if not rule.is_active:
        words.append(_("not in use"))
    return words
