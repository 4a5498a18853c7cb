from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from policies.models import PolicyVersion
from policies.texts import LONGEST
from trust import languages
from trust.accounts.models import User
from trust.permissions import ROLES_WITH, Permission

SIDES, INLINE = "sides", "inline"
LOOKS = [(SIDES, _("Side by side")), (INLINE, _("In one column"))]


class NewClauseForm(forms.Form):
    """A clause to add to a draft: the last part of its key, and what it is called."""

    title = forms.CharField(label=_("Title"), max_length=LONGEST["title"])
    key = forms.CharField(
        label=_("Key"),
        max_length=60,
        help_text=_("What comes after the policy's own, such as medical_products. It never changes."),
    )


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


class OwnerForm(forms.Form):
    """Who answers a gap: a policy editor, or nobody."""

    owner = forms.ModelChoiceField(
        label=_("Owner"), queryset=User.objects.none(), required=False, empty_label=_("Nobody")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        editors = User.objects.active().filter(roles__overlap=[*ROLES_WITH[Permission.DRAFT_POLICY]])
        self.fields["owner"].queryset = editors.order_by("name", "pk")  # type: ignore[attr-defined]


class PublicationForm(ReasonForm):
    """The moment at which an approved version takes effect, in the reader's time zone."""

    use_required_attribute = False  # its button is not the only one of the form

    moment = forms.DateTimeField(
        label=_("Takes effect"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M"],
        help_text=_("By your clock. Until then the version before it applies."),
    )
