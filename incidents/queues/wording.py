"""A rule in words, for the pages that list rules and compare versions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import TextChoices
from django.utils.translation import gettext as _, gettext_lazy as _lazy

from incidents.actors.models import Actor
from incidents.intake.models import AlertKind, Stage
from incidents.queues import checking
from incidents.queues.matching import SCORES, TOP_SCORE, Rule
from incidents.queues.models import Queue
from policies.models import ClauseVersion
from policies.vocabulary import Standing
from trust import numbers

SHOWN_VALUES: Final = 6
SUBJECTS: Final = {
    "alert.kind": _lazy("Kind"),
    TOP_SCORE: _lazy("Highest flagged score"),
    "alert.detector": _lazy("Detector"),
    "alert.taxonomy": _lazy("Taxonomy"),
    "alert.source": _lazy("Source"),
    "generation.model": _lazy("Model"),
    "generation.deployment": _lazy("Deployment"),
    "generation.stage": _lazy("Stage"),
    "generation.use_case": _lazy("Use case"),
    "generation.language": _lazy("Language"),
    "actor.kind": _lazy("Actor’s kind"),
    "actor.standing": _lazy("Actor’s standing"),
}
SENTENCES: Final = {
    "is": _lazy("%(subject)s is %(value)s"),
    "in": _lazy("%(subject)s is %(value)s"),
    "is_not": _lazy("%(subject)s is not %(value)s"),
    "at_least": _lazy("%(subject)s is at least %(value)s"),
    "at_most": _lazy("%(subject)s is at most %(value)s"),
    "contains_any": _lazy("Flagged as %(value)s"),
    "has_category": _lazy("Flagged under %(value)s"),
}
CHOICES: Final[Mapping[str, type[TextChoices]]] = {
    "alert.kind": AlertKind,
    "generation.stage": Stage,
    "actor.kind": Actor.Kind,
    "actor.standing": Standing,
}


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
    """Say a condition as it is read aloud: "Kind is User report or Partner report", "Flagged under spam"."""
    field, operator, value = condition["field"], condition["operator"], condition["value"]
    values = [_value_in_words(field, one) for one in (value if isinstance(value, list) else [value])]
    return str(SENTENCES[operator]) % {"subject": _subject(field), "value": _either(values)}


def known_values(clauses: Iterable[ClauseVersion]) -> list[tuple[str, list[str]]]:
    """Return what conditions can be compared with, as it is typed: what is meant, and its values."""
    named = list(clauses)
    keys = dict.fromkeys([one.version.policy.key for one in named] + [one.clause.key for one in named])
    fields = [(str(SUBJECTS[field]), list(choices.values)) for field, choices in CHOICES.items()]
    return [(_("Policies and clauses"), list(keys)), *fields]


def _subject(field: str) -> str:
    if field.startswith(SCORES):
        return _("Score of %(category)s") % {"category": field.removeprefix(SCORES)}
    return str(SUBJECTS.get(field, field))


def _value_in_words(field: str, value: Any) -> str:
    choices = CHOICES.get(field)
    if choices and value in choices.values:
        return str(choices(value).label)
    return numbers.compact(value) if isinstance(value, float) else str(value)


def _either(values: Sequence[str]) -> str:
    if len(values) == 1:
        return values[0]
    if len(values) > SHOWN_VALUES:
        shown = ", ".join(values[:SHOWN_VALUES])
        return _("%(shown)s or one of %(more)s more") % {"shown": shown, "more": len(values) - SHOWN_VALUES}
    return _("%(others)s or %(last)s") % {"others": ", ".join(values[:-1]), "last": values[-1]}


def effects_in_words(rule: Rule, queues: dict[str, Queue]) -> list[str]:
    queue = queues[rule.queue].name if rule.queue in queues else _("the default queue")
    words = [_("To %(queue)s") % {"queue": queue}]
    if rule.close:
        words = [str(checking.CLOSES.get(rule.close, rule.close))]
        words.append(_("%(share)s %% to the audit queue") % {"share": numbers.compact(rule.audited * 100)})
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
