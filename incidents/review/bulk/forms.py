"""What is to be done with all that was selected, and what the person was shown when they said so."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.queues.checking import BIGGEST_PRIORITY
from incidents.queues.models import Queue, QueueQuerySet
from incidents.queues.rules import LONGEST_REASON
from incidents.review.findings import guidelines
from incidents.review.models import Bulk
from policies.vocabulary import Severity
from trust.integers import BIGGEST_INTEGER
from trust.refusals import Refused

Action = Bulk.Action

KEYS: Final = {
    Action.BENIGN: "benign",
    Action.VIOLATING: "violating",
    Action.MOVE: "move",
    Action.PRIORITY: "set_priority",
    Action.RELEASE: "release",
}


class BulkForm(forms.Form):
    """``values`` is what the chosen action needs; what belongs to another is left aside."""

    action = forms.ChoiceField(
        label=_("What to do with all of them"),
        choices=Action.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what to do.")},
    )
    clause = forms.ChoiceField(label=_("Clause, if violating"), required=False)
    other = forms.CharField(label=_("Another clause"), required=False, max_length=200)
    severity = forms.TypedChoiceField(
        label=_("Severity, if violating"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", _("As is usual for the clause"))] + [(level.value, level.in_full) for level in Severity],
    )
    queue = forms.ModelChoiceField(
        label=_("Queue, to move them"), required=False, queryset=Queue.objects.none(), empty_label=_("Choose a queue")
    )
    priority = forms.IntegerField(
        label=_("Priority, to change it"),
        required=False,
        min_value=-BIGGEST_PRIORITY,
        max_value=BIGGEST_PRIORITY,
        help_text=_("The highest is handed out first; 0 is usual."),
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stands with every item, and is the note of every decision."),
        error_messages={"required": _("Say why they are handled alike.")},
    )
    count = forms.IntegerField(min_value=0, max_value=BIGGEST_INTEGER, widget=forms.HiddenInput)
    digest = forms.CharField(max_length=32, widget=forms.HiddenInput)

    # Not a field: the status of the answer, 409 once the operation refused for what nobody can correct in the form.
    status = 422

    def __init__(self, *arguments: Any, queues: QueueQuerySet, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.texts = [text for text in guidelines().clauses if not text.version.policy.restricted_category]
        self.usual = {text.clause.key: text.usual_severity for text in self.texts}
        clauses = [(text.clause.key, f"{text.version.title}: {text.title}") for text in self.texts]
        self.fields["clause"].choices = [("", _("Choose a clause")), *clauses]  # type: ignore[attr-defined]
        self.fields["queue"].queryset = queues  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or {}
        other = typed.get("other") if typed.get("action") == Action.VIOLATING else ""
        if other and other not in self.usual:
            self.add_error("other", _("No clause of that name is in force."))
        elif other:
            typed["clause"] = other
        needed = {Action.VIOLATING: "clause", Action.MOVE: "queue", Action.PRIORITY: "priority"}
        name = needed.get(typed.get("action", ""))
        if name and not {name, "other"} & set(self.errors) and typed.get(name) in (None, ""):
            sentences = {
                "clause": _("Say which clause is violated."),
                "queue": _("Say into which queue."),
                "priority": _("Say which priority."),
            }
            self.add_error(name, sentences[name])
        return typed

    def keyed_actions(self) -> list[tuple[Any, str]]:
        """Return each action's radio with the name of its key: those of the item page, where it has one."""
        return [(radio, KEYS[Action(radio.data["value"])]) for radio in self["action"]]

    def values(self) -> dict[str, Any]:
        typed = self.cleaned_data
        if typed["action"] == Action.VIOLATING:
            severity = self.usual[typed["clause"]] if typed["severity"] is None else typed["severity"]
            return {"clause": typed["clause"], "severity": severity}
        if typed["action"] == Action.MOVE:
            return {"queue": typed["queue"].pk}
        return {"priority": typed["priority"]} if typed["action"] == Action.PRIORITY else {}

    def take(self, refusal: Refused) -> None:
        """Say in the form why the operation refused."""
        self.status = refusal.status
        if not refusal.errors:
            self.add_error(None, refusal.sentence)
        for field, sentences in refusal.errors.items():
            for sentence in sentences:
                self.add_error(field, sentence)
