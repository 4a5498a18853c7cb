from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.guidance.models import Suggestion
from policies.operations import LONGEST_TITLE


class TitleForm(forms.Form):
    """What the gap is called: the name of an open gap joins it, another opens one."""

    title = forms.CharField(
        label=_("Name of the gap"),
        max_length=LONGEST_TITLE,
        error_messages={"required": _("Give the gap a name: reviewers and editors will see it on the board.")},
    )

    @classmethod
    def naming(cls, suggestion: Suggestion) -> TitleForm:
        """Return an unsent form that proposes the suggestion's words."""
        return cls(initial={"title": ", ".join(suggestion.words[:3])}, auto_id=cls.ids_of(suggestion))

    @staticmethod
    def ids_of(suggestion: Suggestion) -> str:
        return f"suggestion-{suggestion.pk}-%s"
