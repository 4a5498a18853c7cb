"""Forms: a routing rule with its conditions, a version with its reason, what a queue says of itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.queues import checking, rules
from incidents.queues.matching import SCORES, TOP_SCORE, Rule
from incidents.queues.models import Queue
from trust import numbers

BIGGEST_VERSION: Final = 2**31 - 2
SPARE_ROWS: Final = 2
NAMED_SCORE: Final = "alert.scores"

FIELD_NAMES: Final = {
    "alert.kind": _("Alert: kind"),
    "alert.flagged": _("Alert: flagged categories"),
    TOP_SCORE: _("Alert: highest flagged score"),
    NAMED_SCORE: _("Alert: score of a category"),
    "alert.detector": _("Alert: detector"),
    "alert.taxonomy": _("Alert: taxonomy"),
    "alert.source": _("Source"),
    "generation.model": _("Generation: model"),
    "generation.deployment": _("Generation: deployment"),
    "generation.stage": _("Generation: stage"),
    "generation.use_case": _("Generation: use case"),
    "generation.language": _("Generation: language"),
    "actor.kind": _("Actor: kind"),
    "actor.standing": _("Actor: standing"),
}
OPERATOR_NAMES: Final = {
    "is": _("is"),
    "is_not": _("is not"),
    "in": _("is one of"),
    "contains_any": _("contains one of"),
    "has_category": _("stands for policy or clause"),
    "at_least": _("is at least"),
    "at_most": _("is at most"),
}
EFFECTS: Final = ("queue", "priority", "due_minutes", "tags", "close", "audited", "keep_every")


class ConditionForm(forms.Form):
    """One condition. A row whose field is empty is no condition."""

    field = forms.ChoiceField(label=_("Field"), choices=[("", _("No condition")), *FIELD_NAMES.items()], required=False)
    score = forms.CharField(label=_("Category of the score"), max_length=checking.LONGEST_VALUE, required=False)
    operator = forms.ChoiceField(label=_("Operator"), choices=list(OPERATOR_NAMES.items()), required=False)
    value = forms.CharField(
        label=_("Value"),
        max_length=checking.MOST_VALUES * (checking.LONGEST_VALUE + 2),
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
    )

    def condition(self) -> dict[str, Any] | None:
        """Return what was typed as a condition, right or wrong, or None for an empty row."""
        typed = self.cleaned_data
        field = typed.get("field") or ""
        if not field:
            return None
        operator, value = typed.get("operator") or "is", typed.get("value") or ""
        named = f"{SCORES}{typed.get('score') or ''}" if field == NAMED_SCORE else field
        return {"field": named, "operator": operator, "value": _value(operator, value)}


class RuleForm(forms.Form):
    """A rule: its conditions are ``conditions``, as many as ``rows`` says."""

    name = forms.CharField(label=_("Name"), max_length=checking.LONGEST_NAME)
    match = forms.ChoiceField(
        label=_("The rule holds when"),
        choices=[("all", _("all conditions hold")), ("any", _("any condition holds"))],
        help_text=_("Without a condition it always holds."),
    )
    queue = forms.ChoiceField(label=_("Queue"), required=False)
    priority = forms.IntegerField(
        label=_("Priority"),
        min_value=-checking.BIGGEST_PRIORITY,
        max_value=checking.BIGGEST_PRIORITY,
        help_text=_("The highest is handed out first; 0 is usual."),
    )
    due_minutes = forms.IntegerField(
        label=_("Due within, in minutes"),
        min_value=1,
        max_value=checking.MOST_DUE_MINUTES,
        required=False,
        help_text=_("Empty: as the queue has it."),
    )
    tags = forms.CharField(label=_("Tags"), max_length=1000, required=False, help_text=_("Between spaces."))
    close = forms.ChoiceField(
        label=_("Close without a judgement"), choices=[("", _("No")), *checking.CLOSES.items()], required=False
    )
    audited = forms.FloatField(
        label=_("Of these, to the audit queue, in %"),
        min_value=0,
        max_value=100,
        help_text=_("People judge this share, so that you know what the rule closes."),
    )
    keep_every = forms.IntegerField(
        label=_("Keep one in"),
        min_value=1,
        max_value=checking.MOST_KEPT_EVERY,
        help_text=_("1 keeps all; the rest is closed as not sampled."),
    )
    is_active = forms.BooleanField(label=_("In use"), required=False)
    rows = forms.IntegerField(min_value=0, max_value=checking.MOST_CONDITIONS, widget=forms.HiddenInput, required=False)

    def __init__(self, queues: dict[str, Queue], data: Any = None, *, rule: Rule | None = None) -> None:
        rule = rule or Rule("", "")
        super().__init__(data, initial=_initial(rule))
        named = [(slug, queue.name) for slug, queue in queues.items()]
        self.fields["queue"].choices = [("", _("The default queue")), *named]  # type: ignore[attr-defined]
        self._slugs = set(queues)
        rows = self._rows(data, rule)
        self.fields["rows"].initial = rows
        self.conditions = [
            ConditionForm(data, prefix=f"c{number}", initial=_initial_condition(rule, number)) for number in range(rows)
        ]

    def _rows(self, data: Any, rule: Rule) -> int:
        if data is None:
            wanted = len(rule.conditions) + SPARE_ROWS
        else:
            sent = str(data.get("rows", ""))
            wanted = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 4 else SPARE_ROWS
        return min(wanted, checking.MOST_CONDITIONS)

    def effects(self) -> list[forms.BoundField]:
        """Return the fields that say what follows, in their order."""
        return [self[name] for name in EFFECTS]

    def read(self, key: str) -> Rule | None:
        """Return the rule, or None with the errors at the fields they are about."""
        typed_rows = [(form, form.condition()) for form in self.conditions if form.is_valid()]
        if not self.is_valid() or len(typed_rows) < len(self.conditions):
            return None
        used = [(form, condition) for form, condition in typed_rows if condition is not None]
        typed = self.cleaned_data
        rule = Rule(
            key=key,
            name=typed["name"],
            queue=typed["queue"],
            conditions=tuple(condition for _form, condition in used),
            match=typed["match"],
            priority=typed["priority"],
            due_minutes=typed["due_minutes"],
            tags=tuple(dict.fromkeys(typed["tags"].split())),
            close=typed["close"],
            audited=typed["audited"] / 100 if typed["close"] else 0.0,
            keep_every=typed["keep_every"],
            is_active=typed["is_active"],
        )
        faults = checking.faults_in_rule(rule, queues=self._slugs)
        for path, sentence in faults.items():
            _top, _dot, rest = path.partition("conditions.")
            if rest:
                number, part = rest.split(".")
                used[int(number)][0].add_error(part, sentence)
            else:
                self.add_error(path if path in self.fields else None, sentence)
        return None if faults else rule


class QueueForm(forms.Form):
    """How people work together in one queue."""

    lease_minutes = forms.IntegerField(
        label=_("An item is a reviewer’s for, in minutes"),
        min_value=2,
        max_value=480,
        help_text=_("Renewed while they work; it goes back to the queue once they have stopped for so long."),
    )
    hold_hours = forms.IntegerField(label=_("Longest hold, in hours"), min_value=1, max_value=720)
    most_holds = forms.IntegerField(
        label=_("Most items on hold, for each person"), min_value=0, max_value=100, help_text=_("0: none may be held.")
    )
    answer_hours = forms.IntegerField(
        label=_("Time to answer what was handed over, in hours"),
        min_value=1,
        max_value=168,
        help_text=_("Without an answer the item goes back to the queue."),
    )

    @staticmethod
    def initial_of(queue: Queue) -> dict[str, int]:
        return {
            "lease_minutes": queue.lease // timedelta(minutes=1),
            "hold_hours": queue.longest_hold // timedelta(hours=1),
            "most_holds": queue.most_holds,
            "answer_hours": queue.answer_within // timedelta(hours=1),
        }

    def settings(self) -> dict[str, Any]:
        """Return the values as ``operations.set_up_queue`` takes them."""
        typed = self.cleaned_data
        return {
            "lease": timedelta(minutes=typed["lease_minutes"]),
            "longest_hold": timedelta(hours=typed["hold_hours"]),
            "most_holds": typed["most_holds"],
            "answer_within": timedelta(hours=typed["answer_hours"]),
        }


class PublishForm(forms.Form):
    """Why a version is made; ``based_on`` is the one in force when the writer began."""

    reason = forms.CharField(
        label=_("Why"), max_length=rules.LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 2}), strip=True
    )
    based_on = forms.IntegerField(min_value=0, max_value=BIGGEST_VERSION, widget=forms.HiddenInput)


def _trial_sizes() -> list[tuple[int, str]]:
    return [(size, _("the last %(number)s") % {"number": numbers.count(size)}) for size in (100, 1000, 10_000)]


class TrialForm(forms.Form):
    last = forms.TypedChoiceField(
        label=_("Alerts"),
        choices=_trial_sizes,
        coerce=int,
    )


def _initial(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "match": rule.match,
        "queue": rule.queue,
        "priority": rule.priority,
        "due_minutes": rule.due_minutes,
        "tags": " ".join(rule.tags),
        "close": rule.close,
        "audited": round(rule.audited * 100, 6) if rule.close else 1,
        "keep_every": rule.keep_every,
        "is_active": rule.is_active,
    }


def _initial_condition(rule: Rule, number: int) -> dict[str, Any]:
    if number >= len(rule.conditions):
        return {}
    condition = rule.conditions[number]
    field, value = condition["field"], condition["value"]
    is_named = field.startswith(SCORES)
    return {
        "field": NAMED_SCORE if is_named else field,
        "score": field.removeprefix(SCORES) if is_named else "",
        "operator": condition["operator"],
        "value": "\n".join(map(str, value)) if isinstance(value, list) else str(value),
    }


def _value(operator: str, typed: str) -> Any:
    """Read a value as its operator wants it; what cannot be read stays text, which is refused."""
    if operator in checking.TAKES_LIST:
        return list(dict.fromkeys(line.strip() for line in typed.splitlines() if line.strip()))
    if operator not in checking.NUMBER:
        return typed
    try:
        return float(typed)
    except ValueError:
        return typed


class NoticeForm(forms.Form):
    """What people are told of a queue before they join it."""

    notice = forms.CharField(
        label=_("What to expect"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    asks_before_joining = forms.BooleanField(
        label=_("Ask each person once before they join"), required=False, help_text=_("for queues of hard content")
    )

    @classmethod
    def of(cls, queue: Queue) -> NoticeForm:
        return cls(initial={"notice": queue.notice, "asks_before_joining": queue.asks_before_joining})
