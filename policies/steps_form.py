"""The part of a clause's form that says what is recommended, by severity and by the actor's strikes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from policies import steps
from policies.merging import Raw
from policies.texts import LEVELS, MOST_STEPS, MOST_STRIKES, NO_STEP, Step
from policies.vocabulary import EnforcementKind, Severity

FIRST: Final = [(NO_STEP, _("nothing")), *EnforcementKind.choices]
FURTHER: Final = [("", _("no other")), *EnforcementKind.choices]


def fields(level: Severity) -> dict[str, forms.Field]:
    """Return the fields of one severity: what is recommended, and what from more strikes on."""
    name = {"level": level.in_full}
    found: dict[str, forms.Field] = {
        f"recommended_{level.value}": forms.ChoiceField(
            label=_("Recommended at %(level)s") % name, choices=FIRST, required=False
        )
    }
    for row in range(MOST_STEPS):
        step = {"code": level.code, "number": row + 2}
        found[f"steps_{level.value}_{row}_strikes"] = forms.IntegerField(
            label=_("%(code)s, step %(number)s, from strikes") % step,
            min_value=1,
            max_value=MOST_STRIKES,
            required=False,
        )
        found[f"steps_{level.value}_{row}_kind"] = forms.ChoiceField(
            label=_("%(code)s, step %(number)s") % step, choices=FURTHER, required=False
        )
    return found


def refuse(form: forms.Form, cleaned: Mapping[str, Any]) -> None:
    """Say beside its field what is half said, and where steps do not lead up."""
    for level in range(LEVELS):
        for row in range(MOST_STEPS):
            strikes, kind = f"steps_{level}_{row}_strikes", f"steps_{level}_{row}_kind"
            if form.errors.keys() & {strikes, kind}:
                continue
            if cleaned.get(kind) and not cleaned.get(strikes):
                form.add_error(strikes, _("Say from how many strikes."))
            elif cleaned.get(strikes) and not cleaned.get(kind):
                form.add_error(kind, _("Say what is recommended from so many strikes."))
            else:
                said = [Step(0, _first(cleaned, level)), *_further(cleaned, level, rows=row + 1)]
                if cleaned.get(kind) and (refusal := steps.refusal_of(said)):
                    form.add_error(strikes, refusal)


def recommended(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was said as a clause holds it."""
    levels = range(LEVELS)
    return steps.write(
        [_first(cleaned, level) for level in levels], [_further(cleaned, level, rows=MOST_STEPS) for level in levels]
    )


def raw_of(held: Mapping[str, Any]) -> Raw:
    """Return what a clause holds by the names of the fields."""
    raw: Raw = {}
    for level in range(LEVELS):
        first, *further = steps.read(held, level)
        raw[f"recommended_{level}"] = first.kind
        for row, step in enumerate(further[:MOST_STEPS]):
            raw |= {f"steps_{level}_{row}_strikes": str(step.from_strikes), f"steps_{level}_{row}_kind": step.kind}
    return raw


def _first(cleaned: Mapping[str, Any], level: int) -> str:
    return cleaned.get(f"recommended_{level}") or NO_STEP


def _further(cleaned: Mapping[str, Any], level: int, *, rows: int) -> list[Step]:
    found = (
        (cleaned.get(f"steps_{level}_{row}_strikes"), cleaned.get(f"steps_{level}_{row}_kind")) for row in range(rows)
    )
    return [Step(strikes, kind) for strikes, kind in found if strikes and kind]
