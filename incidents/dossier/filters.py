from typing import Any

from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter

from incidents.dossier import kinds
from trust.filtering import ListFilter


class TimelineFilter(ListFilter):
    """What a timeline is narrowed by: a kind that the reader may be told of. It narrows no rows by itself."""

    kind = ChoiceFilter(label=_("Kind of event"), empty_label=_("Everything"), choices=[])

    def __init__(self, *args: Any, request: Any, **kwargs: Any) -> None:
        super().__init__(*args, request=request, **kwargs)
        named = kinds.open_to(request.user)
        self.filters["kind"].extra["choices"] = [(name, kind.label) for name, kind in named.items()]

    @property
    def chosen(self) -> str:
        return str(self.form.cleaned_data["kind"] or "")
