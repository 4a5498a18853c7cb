"""How content is shown, what shall not come, and how much is enough: as forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _, gettext_lazy

from incidents.wellbeing.models import Covering, Limits
from incidents.wellbeing.queries import Dress
from policies.models import Policy
from policies.vocabulary import Severity

LIKE_THE_REST: Final = ""
DRESSES: Final = {
    "full": (gettext_lazy("in full"), Dress(is_covered=False)),
    "c": (gettext_lazy("covered"), Dress()),
    "b": (gettext_lazy("blurred"), Dress(is_covered=False, is_blurred=True)),
    "g": (gettext_lazy("greyscale"), Dress(is_covered=False, is_grey=True)),
    "cb": (gettext_lazy("covered, then blurred"), Dress(is_blurred=True)),
    "cg": (gettext_lazy("covered, then greyscale"), Dress(is_grey=True)),
    "bg": (gettext_lazy("blurred and greyscale"), Dress(is_covered=False, is_blurred=True, is_grey=True)),
    "cbg": (gettext_lazy("covered, then blurred and greyscale"), Dress(is_blurred=True, is_grey=True)),
}
MOST: Final = 10_000


def _dress(row: Covering) -> Dress:
    return Dress(row.is_covered, row.is_blurred, row.is_grey)


class CoveringForm(forms.Form):
    """One choice for all content, and one for each category that shall differ from it."""

    is_covered = forms.BooleanField(
        label=gettext_lazy("Covered until I ask for it"),
        required=False,
        help_text=gettext_lazy("One key reveals it and covers it again."),
    )
    is_blurred = forms.BooleanField(
        label=gettext_lazy("Blurred until I point at it"),
        required=False,
        help_text=gettext_lazy("A message is sharp under the pointer, or when the keyboard reaches it."),
    )
    is_grey = forms.BooleanField(
        label=gettext_lazy("Without colour"),
        required=False,
        help_text=gettext_lazy("Marks, emoji and attachments turn grey."),
    )

    def __init__(
        self, data: Any = None, *, categories: Mapping[int, str], chosen: Mapping[int | None, Covering]
    ) -> None:
        base = _dress(chosen[None]) if None in chosen else Dress()
        initial: dict[str, Any] = {
            "is_covered": base.is_covered,
            "is_blurred": base.is_blurred,
            "is_grey": base.is_grey,
        }
        names = {dress: name for name, (_label, dress) in DRESSES.items()}
        for category, row in chosen.items():
            initial[f"category_{category}"] = names[_dress(row)]
        super().__init__(data, initial=initial, prefix="covering")
        self.categories = categories
        for category, title in categories.items():
            self.fields[f"category_{category}"] = forms.ChoiceField(
                label=title,
                required=False,
                choices=[
                    (LIKE_THE_REST, _("like the rest")),
                    *((name, label) for name, (label, _d) in DRESSES.items()),
                ],
            )

    @property
    def base_fields_shown(self) -> list[forms.BoundField]:
        return [self[name] for name in ("is_covered", "is_blurred", "is_grey")]

    @property
    def exceptions(self) -> list[forms.BoundField]:
        return [self[f"category_{category}"] for category in self.categories]

    def chosen(self) -> dict[Policy | None, Dress]:
        sent = self.cleaned_data
        found: dict[Policy | None, Dress] = {None: Dress(sent["is_covered"], sent["is_blurred"], sent["is_grey"])}
        for category in self.categories:
            if name := sent[f"category_{category}"]:
                found[Policy(pk=category)] = DRESSES[name][1]
        return found


class OptOutForm(forms.Form):
    categories = forms.MultipleChoiceField(
        label=gettext_lazy("Do not send me items of"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, categories: Mapping[int, str], opted_out: list[int]) -> None:
        super().__init__(data, initial={"categories": [str(one) for one in opted_out]}, prefix="opt-out")
        self.fields["categories"].choices = [(str(one), title) for one, title in categories.items()]  # type: ignore[attr-defined]

    def chosen(self) -> list[int]:
        return [int(one) for one in self.cleaned_data["categories"]]


def _number(label: Any, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, help_text=help_text, min_value=1, max_value=MOST, required=False)


class LimitsForm(forms.Form):
    """Limits, of one person or of everyone. An empty field is no limit."""

    severe_from = forms.TypedChoiceField(
        label=gettext_lazy("Severe is"),
        choices=[(level.value, level.in_full) for level in list(Severity)[1:]],
        coerce=int,
        initial=Severity.SERIOUS.value,
        help_text=gettext_lazy("and up. This is what is counted and held back."),
    )
    day_items_soft = _number(gettext_lazy("Severe items a day: tell"))
    day_items_hard = _number(gettext_lazy("Severe items a day: stop"))
    day_minutes_soft = _number(gettext_lazy("Minutes of content a day: tell"))
    day_minutes_hard = _number(gettext_lazy("Minutes of content a day: stop what is severe"))
    row_items_soft = _number(gettext_lazy("Severe items in a row: tell"))
    row_items_hard = _number(gettext_lazy("Severe items in a row: stop"))
    rotate_after = _number(
        gettext_lazy("Items of one category in a row: send others first"),
        gettext_lazy("The row ends with an item of another category, or with a break."),
    )
    break_after_minutes = _number(
        gettext_lazy("Minutes of content until a break is proposed"), gettext_lazy("50 when empty")
    )
    cools_down = forms.BooleanField(
        label=gettext_lazy("After an item of S3 or S4, a lighter one next"),
        required=False,
        help_text=gettext_lazy("where one waits near the head of the queue"),
    )

    def __init__(self, data: Any = None, *, limits: Limits | None) -> None:
        initial = {name: getattr(limits, name) for name in self.base_fields} if limits else {}
        super().__init__(data, initial=initial, prefix="limits")

    @property
    def pairs(self) -> list[forms.BoundField]:
        return [
            self[f"{name}_{what}"] for name in ("day_items", "day_minutes", "row_items") for what in ("soft", "hard")
        ]

    @property
    def others(self) -> list[forms.BoundField]:
        return [self["rotate_after"], self["break_after_minutes"]]

    def clean(self) -> dict[str, Any]:
        sent = self.cleaned_data
        for name in ("day_items", "day_minutes", "row_items"):
            soft, hard = sent.get(f"{name}_soft"), sent.get(f"{name}_hard")
            if soft and hard and soft > hard:
                self.add_error(f"{name}_soft", _("Tell at %(hard)s or before, where it stops.") % {"hard": hard})
        return sent
