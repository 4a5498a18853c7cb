from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter

from trust.filtering import ListFilter

UNMAPPED, MAPPED = "unmapped", "mapped"


class CategoryFilter(ListFilter):
    """What a category is, and of which taxonomy."""

    state = ChoiceFilter(
        label=_("Mapped or not"),
        choices=[(UNMAPPED, _("No clause is mapped to it")), (MAPPED, _("Mapped"))],
        method="of_state",
        empty_label=_("Either"),
    )
    taxonomy = CharFilter(label=_("Taxonomy"), field_name="taxonomy", max_length=60)

    def of_state(self, rows: QuerySet[Any], _name: str, state: str) -> QuerySet[Any]:
        return rows.filter(is_mapped=state == MAPPED)
