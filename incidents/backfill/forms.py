"""What a person looks for among past items, and what is to be done with what they found."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _, gettext_lazy

from incidents.backfill import queries
from incidents.backfill.models import Backfill
from incidents.queues.models import Queue, QueueQuerySet
from incidents.queues.rules import LONGEST_REASON
from incidents.search.parsing import LONGEST, NotUnderstood, parse
from policies.models import Clause, PolicyVersion
from trust import clock
from trust.integers import BIGGEST_INTEGER

LONGEST_NAME: Final = 120
MOST_DAYS: Final = 3_650
Way: Final = Backfill.Way


class FindForm(forms.Form):
    """Which past items are meant: ``wanted`` is what is kept of it. Only what the chosen way needs is read."""

    way = forms.ChoiceField(
        label=gettext_lazy("Find them by"),
        choices=Way.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose how to find them.")},
    )
    clauses = forms.MultipleChoiceField(
        label=gettext_lazy("Clauses that were cited"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Also those that stand in this policy no more."),
    )
    other = forms.CharField(
        label=gettext_lazy("Another clause, by its key"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Of another policy, if this version takes its place."),
    )
    categories = forms.MultipleChoiceField(
        label=gettext_lazy("Categories that stand for a clause of this version"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    named = forms.CharField(
        label=gettext_lazy("Another category, as detectors name it"), required=False, max_length=LONGEST_NAME
    )
    q = forms.CharField(
        label=gettext_lazy("Look for"),
        required=False,
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "spellcheck": "false"}),
    )
    days = forms.IntegerField(
        label=gettext_lazy("Only items of the last days"), required=False, min_value=1, max_value=MOST_DAYS
    )

    def __init__(self, *arguments: Any, version: PolicyVersion, may_search: bool, **options: Any) -> None:
        super().__init__(*arguments, **options)
        clauses = queries.clauses_ever_of(version)
        mapped = queries.categories_of(version)
        self.mapped = {f"{one.taxonomy} {one.taxonomy_version} {one.category}": one for one in mapped}
        self._choose("clauses", [(key, f"{title} ({key})") for key, title in clauses])
        self._choose("categories", [(name, name) for name in self.mapped])
        if not self.mapped:
            del self.fields["categories"]
        if not may_search:
            self._choose("way", [choice for choice in Way.choices if choice[0] != Way.SEARCH])
            del self.fields["q"]

    def _choose(self, name: str, choices: list[tuple[str, Any]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean_other(self) -> str:
        key: str = self.cleaned_data["other"].strip()
        if key and not Clause.objects.filter(key=key).exists():
            raise ValidationError(_("No clause has this key."))
        return key

    def clean_q(self) -> str:
        text: str = self.cleaned_data["q"].strip()
        if text and self.data.get("way") == Way.SEARCH:
            try:
                parse(text, clock.now())
            except NotUnderstood as error:
                raise ValidationError(error.sentences) from error
        return text

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or {}
        needed: dict[str, tuple[str, tuple[str, ...], Any]] = {
            Way.CLAUSE: ("clauses", ("clauses", "other"), _("Choose a clause, or name one.")),
            Way.CATEGORY: ("named", ("categories", "named"), _("Choose a category, or name one.")),
            Way.SEARCH: ("q", ("q",), _("Say what to look for.")),
        }
        field, names, sentence = needed.get(typed.get("way", ""), ("", (), ""))
        if field and not set(names) & set(self.errors) and not any(typed.get(name) for name in names):
            self.add_error(field, sentence)
        return typed

    def wanted(self) -> dict[str, Any]:
        typed = self.cleaned_data
        days = {"days": typed["days"]} if typed["days"] else {}
        if typed["way"] == Way.SEARCH:
            return {"q": typed["q"], **days}
        if typed["way"] == Way.CLAUSE:
            return {"clauses": list(dict.fromkeys([*typed["clauses"], *filter(None, [typed["other"]])])), **days}
        chosen = [self.mapped[name] for name in typed.get("categories", [])]
        categories = [[one.taxonomy, one.taxonomy_version, one.category] for one in chosen]
        return {"categories": categories, "named": typed["named"].strip(), **days}


class StartForm(forms.Form):
    """Where they are judged, and why. ``count`` and ``digest`` are what the person was shown."""

    queue = forms.ModelChoiceField(
        label=gettext_lazy("Queue in which they are judged"),
        queryset=Queue.objects.none(),
        empty_label=gettext_lazy("Choose a queue"),
        error_messages={"required": gettext_lazy("Choose a queue.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Say why they are judged again.")},
    )
    count = forms.IntegerField(min_value=0, max_value=BIGGEST_INTEGER, widget=forms.HiddenInput)
    digest = forms.CharField(max_length=32, widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, queues: QueueQuerySet, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["queue"].queryset = queues  # type: ignore[attr-defined]
