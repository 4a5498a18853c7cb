"""The decision form: a verdict and some rows of violations. The operation judges what fits; here only the shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.review.findings import Finding, Guidelines, Span, Wrong, guidelines
from incidents.review.models import Decision, DetectorWrong
from policies.vocabulary import Severity, Side, Verdict
from trust.integers import BIGGEST_BIGINT, BIGGEST_INTEGER, read_id

MOST_ROWS: Final = 20
LONGEST_NOTE: Final = 10_000
TYPED: Final = ("verdict", "note", "wrong")


class ViolationForm(forms.Form):
    """One row: a clause that was offered, or another by its key or title; the rest has the clause's usual values."""

    clause = forms.CharField(required=False, max_length=80)
    other = forms.CharField(required=False, max_length=200)
    severity = forms.TypedChoiceField(required=False, choices=Severity.choices, coerce=int, empty_value=None)
    side = forms.ChoiceField(required=False, choices=Side.choices)
    complied = forms.BooleanField(required=False)
    span_message = forms.IntegerField(required=False, min_value=0, max_value=BIGGEST_INTEGER)
    span_start = forms.IntegerField(required=False, min_value=0, max_value=BIGGEST_INTEGER)
    span_end = forms.IntegerField(required=False, min_value=0, max_value=BIGGEST_INTEGER)

    def chosen(self, guidelines: Guidelines) -> str:
        """Return the key of the clause: what was typed goes before what was offered. "" when there is neither."""
        typed = str(self.cleaned_data.get("other", "")).strip()
        if not typed:
            return str(self.cleaned_data.get("clause", ""))
        by_title = {text.title.casefold(): text.clause.key for text in guidelines.clauses}
        return by_title.get(typed.casefold(), typed)

    def finding(self, guidelines: Guidelines) -> Finding | None:
        """Return what was found, or None for a row that was left empty."""
        key = self.chosen(guidelines)
        if not key:
            return None
        text, fields = guidelines.by_key.get(key), self.cleaned_data
        usual = text.usual_severity if text else Severity.NONE
        span = (fields["span_message"], fields["span_start"], fields["span_end"])
        return Finding(
            clause=key,
            severity=usual if fields["severity"] is None else fields["severity"],
            side=fields["side"] or Side.INTERACTION,
            complied=fields["complied"],
            span=None if None in span else Span(*span),
        )


class DecisionForm(forms.Form):
    round = forms.IntegerField(min_value=1, max_value=BIGGEST_BIGINT)
    fence = forms.IntegerField(min_value=0, max_value=BIGGEST_INTEGER)
    verdict = forms.ChoiceField(choices=Verdict.choices, error_messages={"required": _("Choose a verdict.")})
    note = forms.CharField(required=False, max_length=LONGEST_NOTE)
    wrong = forms.CharField(required=False, max_length=60)
    rows = forms.IntegerField(min_value=1, max_value=MOST_ROWS)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, initial_rows: Sequence[dict[str, Any]] = ({},), **fields: Any
    ) -> None:
        super().__init__(data, **fields)
        if data is None:
            initial = enumerate(initial_rows)
            self.violations = [ViolationForm(initial=row, prefix=f"v{number}") for number, row in initial]
            return
        self.violations = [ViolationForm(data, prefix=f"v{number}") for number in range(_count(data))]

    def is_valid(self) -> bool:
        rows = [row.is_valid() for row in self.violations]
        return super().is_valid() and (all(rows) or self.cleaned_data["verdict"] != Verdict.VIOLATING)

    def clean_wrong(self) -> Wrong | None:
        """Take apart what ``wrong_value`` put together."""
        kind, _colon, alert = self.cleaned_data["wrong"].partition(":")
        if not kind:
            return None
        number = read_id(alert)
        if kind not in DetectorWrong.Kind.values or number is None:
            raise forms.ValidationError(_("Choose which detector was wrong, and how."))
        return Wrong(number, kind)

    def findings(self) -> list[Finding]:
        """Return the rows that were filled, when the verdict is one that names violations."""
        if self.cleaned_data["verdict"] != Verdict.VIOLATING:
            return []
        in_force = guidelines()
        found = [row.finding(in_force) for row in self.violations]
        return [finding for finding in found if finding is not None]

    @classmethod
    def typed_before(cls, typed: Mapping[str, str], **hidden: int) -> DecisionForm:
        """Fill the form with what ``typed`` returned; nothing is judged yet."""
        rows = [{name: typed.get(f"v{number}-{name}") for name in ViolationForm.base_fields} for number in _rows(typed)]
        fields = {name: typed.get(name) for name in TYPED}
        return cls(initial={**fields, **hidden}, initial_rows=rows)

    @classmethod
    def about(cls, decision: Decision, **hidden: int) -> DecisionForm:
        """Fill the form with a decision that was taken back. 1 query, 1 more each for violations, a wrong detector."""
        rows: list[dict[str, Any]] = [
            {
                "clause": violation.clause.clause.key,
                "severity": violation.severity,
                "side": violation.side,
                "complied": violation.complied,
                "span_message": violation.span_message,
                "span_start": violation.span_start,
                "span_end": violation.span_end,
            }
            for violation in decision.violations.select_related("clause__clause")
        ]
        fields = {"verdict": decision.verdict, "note": decision.note, "wrong": _said_wrong(decision), **hidden}
        return cls(initial=fields, initial_rows=rows or [{}])


class LetGoForm(forms.Form):
    """Until when an item that was sent ahead was held, as its page says it."""

    until = forms.DateTimeField()


def wrong_value(alert: int, kind: str) -> str:
    """Return the one value of the form that says which alert was wrong, and how."""
    return f"{kind}:{alert}"


def typed(data: Mapping[str, Any]) -> dict[str, str]:
    """Return what was typed into the form, be it valid or not, by the names of its fields; {} when nothing was."""
    names = [*TYPED, *(f"v{number}-{name}" for number in _rows(data) for name in ViolationForm.base_fields)]
    found = {name: str(data.get(name) or "")[:LONGEST_NOTE].replace("\x00", "") for name in names}
    filled = {name: text for name, text in found.items() if text}
    return {**filled, "rows": str(_count(data))} if filled else {}


def _said_wrong(decision: Decision) -> str:
    said = DetectorWrong.objects.filter(decision=decision).first() if decision.is_detector_wrong else None
    return wrong_value(said.alert_id, said.kind) if said else ""


def _rows(data: Mapping[str, Any]) -> range:
    return range(_count(data))


def _count(data: Mapping[str, Any]) -> int:
    """Return how many rows were sent; what is no number is one, and is told as an error of the form."""
    sent = str(data.get("rows", ""))
    return min(max(int(sent), 1), MOST_ROWS) if sent.isascii() and sent.isdigit() and len(sent) < 4 else 1
