from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.enforcement import kinds, rules
from incidents.enforcement.models import EnforcementAction
from incidents.enforcement.operations import Proposal
from incidents.review.models import Decision
from policies.vocabulary import EnforcementKind


class ReasonForm(forms.Form):
    """Why an action is approved, declined or reversed."""

    reason = forms.CharField(
        label=_("Your reason"),
        max_length=rules.LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept with the action and in the audit. The customer does not see it."),
    )


class OptionalReasonForm(ReasonForm):
    """For who carries out alone what they gave a reason for when they proposed it."""

    reason = forms.CharField(
        label=_("Anything to add"),
        max_length=rules.LONGEST_REASON,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


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

    def proposal(self) -> Proposal:
        return Proposal(
            kind=EnforcementKind(self.cleaned_data["kind"]),
            parameters=self.parameters.parameters(),
            reason=self.cleaned_data["reason"],
            decisions=[self.offered[pk] for pk in self.cleaned_data["decisions"]],
        )


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
