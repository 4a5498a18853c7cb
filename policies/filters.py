from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter

from policies.models import PolicyGap
from trust.filtering import ListFilter

MINE: Final = "me"
NOBODY: Final = "nobody"


class GapFilter(ListFilter):
    """Where a gap stands, and whose it is."""

    state = ChoiceFilter(
        label=_("State"), choices=PolicyGap.Status.choices, field_name="status", empty_label=_("Any state")
    )
    owner = ChoiceFilter(
        label=_("Owner"),
        choices=[(MINE, _("Me")), (NOBODY, _("Nobody"))],
        method="of_owner",
        empty_label=_("Anyone"),
    )

    def of_owner(self, rows: QuerySet[Any], _name: str, owner: str) -> QuerySet[Any]:
        return rows.filter(owner=None if owner == NOBODY else self.request.user)
