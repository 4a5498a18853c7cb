from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from policies.models import ClauseVersion, PolicyGap, PolicyVersion
from policies.operations import Wording
from policies.texts import LONGEST
from trust import languages

GAPS_OFFERED = 50
SIDES, INLINE = "sides", "inline"
LOOKS = [(SIDES, _("Side by side")), (INLINE, _("In one column"))]


class WordingForm(forms.Form):
    """One clause's text in a draft, with the reason for the change and the gap that it closes."""

    title = forms.CharField(label=_("Title"), max_length=LONGEST["title"])
    definition = forms.CharField(
        label=_("Definition"),
        max_length=LONGEST["definition"],
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("What reviewers judge by. Two to four precise sentences."),
    )
    public_text = forms.CharField(
        label=_("Public wording"),
        max_length=LONGEST["public_text"],
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What the people who are held to it read."),
    )
    change_note = forms.CharField(
        label=_("Why it changes"),
        max_length=LONGEST["change_note"],
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept with the version."),
    )
    gap = forms.ModelChoiceField(
        label=_("The gap it closes"), queryset=PolicyGap.objects.none(), required=False, empty_label=_("None")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        newest = PolicyGap.objects.open().order_by("-last_seen_at", "-pk")[:GAPS_OFFERED]
        self.fields["gap"].queryset = PolicyGap.objects.filter(pk__in=newest.values("pk"))  # type: ignore[attr-defined]

    @classmethod
    def of(cls, text: ClauseVersion) -> "WordingForm":
        """Return the form filled with a clause's text and the note of its version."""
        note = text.version.change_note if text.version.created_by_id else ""
        initial = {name: getattr(text, name) for name in ("title", "definition", "public_text")}
        return cls(initial={**initial, "change_note": note})

    def wording(self) -> Wording:
        return Wording(**{name: self.cleaned_data[name] for name in ("title", "definition", "public_text")})


class ComparisonForm(forms.Form):
    """Which two versions to compare, of those that the reader may see; newest first."""

    old = forms.TypedChoiceField(label=_("From"), coerce=int)
    new = forms.TypedChoiceField(label=_("To"), coerce=int)
    look = forms.ChoiceField(label=_("Look"), choices=LOOKS, required=False, widget=forms.HiddenInput)

    def __init__(self, versions: Sequence[PolicyVersion], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(version.number, _choice(version)) for version in versions]
        for name in ("old", "new"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]


def _choice(version: PolicyVersion) -> str:
    return _("Version %(number)s: %(status)s") % {
        "number": version.number,
        "status": languages.noun_within(version.get_status_display()),
    }


class ReasonForm(forms.Form):
    """Why something is published, sent back or closed."""

    reason = forms.CharField(
        label=_("Your reason"),
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Give your reason: it is kept with the version.")},
    )
