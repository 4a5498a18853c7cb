"""The short forms by which a holder passes an item on: until when, to whom, and always why."""

from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.queues.checking import BIGGEST_PRIORITY
from incidents.queues.models import Queue, QueueQuerySet
from incidents.queues.rules import LONGEST_REASON
from trust.accounts.models import User, UserQuerySet
from trust.integers import BIGGEST_BIGINT, BIGGEST_INTEGER
from trust.refusals import Refused

MORNING: Final = 9
TOMORROW: Final = "tomorrow"

WAKES: Final = {
    "30": _("In 30 minutes"),
    "120": _("In 2 hours"),
    "240": _("In 4 hours"),
    TOMORROW: _("Tomorrow at 9:00"),
}


class PassingForm(forms.Form):
    """What every way of passing an item on asks; ``round`` and ``fence`` say under which hold it was asked."""

    round = forms.IntegerField(min_value=1, max_value=BIGGEST_BIGINT, widget=forms.HiddenInput)
    fence = forms.IntegerField(min_value=0, max_value=BIGGEST_INTEGER, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Why"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
        help_text=_("For staff: who has it next reads this."),
    )
    field_order = ["to", "wake", "at", "reason"]

    # Not a field: the status of the answer, 409 once the operation refused for what nobody can correct in the form.
    status = 422

    def take(self, refusal: Refused) -> None:
        """Say in the form why the operation refused."""
        self.status = refusal.status
        if not refusal.errors:
            self.add_error(None, refusal.sentence)
        for field, sentences in refusal.errors.items():
            for sentence in sentences:
                self.add_error("at" if field == "until" and "at" in self.fields else field, sentence)


class HoldForm(PassingForm):
    wake = forms.ChoiceField(label=_("Comes back to you"), widget=forms.RadioSelect, required=False)
    at = forms.DateTimeField(
        label=_("Or at"),
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *arguments: Any, queue: Queue, **options: Any) -> None:
        super().__init__(*arguments, **options)
        now = timezone.now()
        fitting = [(wake, label) for wake, label in WAKES.items() if wakes_at(wake, now) <= now + queue.longest_hold]
        self.fields["wake"].choices = fitting  # type: ignore[attr-defined]
        self.fields["wake"].initial = next((wake for wake, _label in reversed(fitting) if wake == "120"), None)

    def clean(self) -> dict[str, Any]:
        """Add ``until``: the time that was typed, else the one that was chosen."""
        typed: dict[str, Any] = super().clean() or {}
        if not self.errors and not typed.get("at") and not typed.get("wake"):
            self.add_error("at", _("Say when it should come back to you."))
        elif not self.errors:
            typed["until"] = typed.get("at") or wakes_at(typed["wake"], timezone.now())
        return typed


class HandOverForm(PassingForm):
    to = forms.ModelChoiceField(
        label=_("To"),
        queryset=User.objects.none(),
        empty_label=_("Choose a person"),
        error_messages={"invalid_choice": _("Choose someone from the list: only they may review this item.")},
    )

    def __init__(self, *arguments: Any, people: UserQuerySet, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["to"].queryset = people  # type: ignore[attr-defined]
        self.fields["to"].widget.attrs["autofocus"] = True
        del self.fields["reason"].widget.attrs["autofocus"]


class MoveForm(PassingForm):
    queue = forms.ModelChoiceField(label=_("Queue"), queryset=Queue.objects.none(), empty_label=None)
    priority = forms.IntegerField(
        label=_("Priority"),
        min_value=-BIGGEST_PRIORITY,
        max_value=BIGGEST_PRIORITY,
        help_text=_("The highest is handed out first; 0 is usual."),
    )
    field_order = ["queue", "priority", "reason"]

    def __init__(self, *arguments: Any, queues: QueueQuerySet, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["queue"].queryset = queues  # type: ignore[attr-defined]


def wakes_at(wake: str, now: datetime) -> datetime:
    """Return the moment that a choice means; tomorrow's is in the time zone of who looks."""
    if wake != TOMORROW:
        return now + timedelta(minutes=int(wake))
    morning = timezone.localtime(now).replace(hour=MORNING, minute=0, second=0, microsecond=0, tzinfo=None)
    return timezone.make_aware(morning + timedelta(days=1))
