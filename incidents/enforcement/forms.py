from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from incidents.actors.models import Actor
from incidents.enforcement import kinds, rules
from incidents.enforcement.models import LARGEST_CAP, MILD, SHORTEST_STAKE, EnforcementAction
from incidents.enforcement.operations import Proposal, RuleDraft
from incidents.review.models import Decision
from policies.models import ClauseVersion
from policies.vocabulary import EnforcementKind, Severity
from trust import clock


class ReasonForm(forms.Form):
    """Why an action is approved, declined or reversed."""

    reason = forms.CharField(
        label=_("Your reason"),
        max_length=rules.LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept with the action and in the audit. The customer does not see it."),
    )


class DisarmForm(ReasonForm):
    """Why a rule is switched off."""

    reason = forms.CharField(
        label=_("Your reason"),
        max_length=rules.LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept with the rule and in the audit."),
    )


class OptionalReasonForm(ReasonForm):
    """For who carries out alone what they gave a reason for when they proposed it."""

    reason = forms.CharField(
        label=_("Anything to add"),
        max_length=rules.LONGEST_REASON,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


def moment(label: Any, **options: Any) -> forms.DateTimeField:
    """A field for a time in the zone of who types it, as browsers send it."""
    return forms.DateTimeField(
        label=label,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        **options,
    )


class StakeForm(ReasonForm):
    """Why a severe action cannot wait for a second person."""

    reason = forms.CharField(
        label=_("What is at stake, and why it cannot wait"),
        min_length=SHORTEST_STAKE,
        max_length=rules.LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("All leads read it. It is kept with the action for good."),
    )


class ExtendForm(ReasonForm):
    """Until when instead, and why."""

    ends_at = moment(_("New end"))
    field_order = ("ends_at", "reason")

    def __init__(self, *args: Any, enforcement: EnforcementAction, **options: Any) -> None:
        super().__init__(*args, **options)
        self.enforcement = enforcement

    def clean_ends_at(self) -> datetime:
        ends_at: datetime = self.cleaned_data["ends_at"]
        if refusal := rules.refusal_of_end(self.enforcement, ends_at, clock.now()):
            raise forms.ValidationError(refusal)
        return ends_at


class ParametersForm(forms.Form):
    """The settings of one kind."""

    def __init__(self, kind: EnforcementKind, *args: Any, **options: Any) -> None:
        options["initial"] = {**kinds.defaults(kind), **options.pop("initial", {})}
        super().__init__(*args, **options)
        for parameter in kinds.KINDS[kind].parameters:
            self.fields[parameter.name] = _field_of(parameter)

    def parameters(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}


class ProposalForm(forms.Form):
    """Kind, reason and evidence; the settings of the chosen kind are ``parameters``, a form of their own.

    ``offered`` are the decisions to choose from. Without data, ``basis`` fills the form: a recommendation.
    """

    kind = forms.ChoiceField(label=_("What should happen"), choices=EnforcementKind.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Your reason"),
        max_length=rules.LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Say what the evidence shows and what was tried before. The customer does not see it."),
    )
    starts_at = moment(_("Begins"), required=False, help_text=_("Empty: when it is approved"))
    decisions = forms.TypedMultipleChoiceField(label=_("Evidence"), coerce=int, required=False)

    def __init__(
        self, data: Any = None, *, offered: Sequence[Decision], chosen: Sequence[int], basis: EnforcementAction | None
    ) -> None:
        initial = {"kind": basis.kind if basis else EnforcementKind.WARNING, "decisions": list(chosen)}
        super().__init__(data, initial=initial)
        self.offered = {decision.pk: decision for decision in offered}
        self.fields["decisions"].choices = [(pk, str(pk)) for pk in self.offered]  # type: ignore[attr-defined]
        settings = basis.parameters if basis and self.chosen_kind == basis.kind else {}
        self.parameters = ParametersForm(self.chosen_kind, data, initial=settings)

    @property
    def chosen_kind(self) -> EnforcementKind:
        """Return what is chosen so far; the first guess where it makes no sense."""
        kind = self.data.get("kind") if self.is_bound else self.initial["kind"]
        return EnforcementKind(kind) if kind in EnforcementKind.values else EnforcementKind.WARNING

    @property
    def chosen_decisions(self) -> set[str]:
        ids = self["decisions"].value() or []
        return set(map(str, ids))

    def is_valid(self) -> bool:
        return super().is_valid() & self.parameters.is_valid()

    def clean_starts_at(self) -> datetime | None:
        starts_at: datetime | None = self.cleaned_data["starts_at"]
        if refusal := rules.refusal_of_start(starts_at, clock.now()):
            raise forms.ValidationError(refusal)
        return starts_at

    def proposal(self) -> Proposal:
        return Proposal(
            kind=EnforcementKind(self.cleaned_data["kind"]),
            parameters=self.parameters.parameters(),
            reason=self.cleaned_data["reason"],
            starts_at=self.cleaned_data["starts_at"],
            decisions=[self.offered[pk] for pk in self.cleaned_data["decisions"]],
        )


class RuleForm(forms.Form):
    """What a rule carries out by itself, on which findings; the settings of its kind are ``parameters``."""

    clause = forms.ChoiceField(label=_("Clause"))
    severity = forms.TypedChoiceField(
        label=_("Severity"),
        coerce=int,
        choices=[(one.value, format_lazy("S{} {}", one.value, one.label)) for one in Severity],
        initial=2,
    )
    from_strikes = forms.IntegerField(label=_("From how many strikes"), min_value=1, max_value=100, initial=1)
    actor_kinds = forms.MultipleChoiceField(
        label=_("Kinds of actor"),
        choices=Actor.Kind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: any"),
    )
    kind = forms.ChoiceField(
        label=_("What should happen"),
        choices=[(kind, label) for kind, label in EnforcementKind.choices if kind in MILD],
        widget=forms.RadioSelect,
        initial=EnforcementKind.WARNING,
    )
    share = forms.IntegerField(
        label=_("Looked at by a person, in percent"),
        min_value=0,
        max_value=100,
        initial=10,
        help_text=_("This share of what the rule does lands in Checks."),
    )
    cap = forms.IntegerField(
        label=_("At most a day"),
        min_value=1,
        max_value=LARGEST_CAP,
        initial=20,
        help_text=_("Beyond it the rule stops until midnight UTC and leaves the rest to people."),
    )
    reason = forms.CharField(label=_("Your reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, data: Any = None, *, clauses: Sequence[ClauseVersion]) -> None:
        super().__init__(data)
        self.clauses = {text.clause.key: text.clause for text in clauses}
        choices = [(text.clause.key, f"{text.clause.key}: {text.title}") for text in clauses]
        self.fields["clause"].choices = [("", _("Choose a clause")), *choices]  # type: ignore[attr-defined]
        self.parameters = ParametersForm(self.chosen_kind, data)

    @property
    def chosen_kind(self) -> EnforcementKind:
        kind = self.data.get("kind") if self.is_bound else None
        return EnforcementKind(kind) if kind in MILD else EnforcementKind.WARNING

    def is_valid(self) -> bool:
        return super().is_valid() & self.parameters.is_valid()

    def draft(self) -> RuleDraft:
        chosen = {name: self.cleaned_data[name] for name in ("severity", "from_strikes", "share", "cap", "reason")}
        return RuleDraft(
            clause=self.clauses[self.cleaned_data["clause"]],
            kind=self.chosen_kind,
            parameters=self.parameters.parameters(),
            actor_kinds=self.cleaned_data["actor_kinds"],
            **chosen,
        )


class TogetherForm(ReasonForm):
    """What is decided on several at once, with one reason for all of them."""

    verdict = forms.ChoiceField(choices=[("approve", "approve"), ("decline", "decline")])


def _field_of(parameter: kinds.Parameter) -> forms.Field:
    if parameter.most is None:
        return forms.CharField(label=parameter.label, max_length=kinds.LONGEST_TEXT, required=parameter.is_required)
    return forms.IntegerField(
        label=parameter.label,
        min_value=1,
        max_value=parameter.most,
        required=parameter.is_required,
        help_text="" if parameter.is_required else _("Empty: until it is lifted"),
    )
