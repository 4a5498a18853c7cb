"""Filters of a list, as a plain GET form: only what is declared may be asked, and what makes no sense is named."""

from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django_filters import FilterSet

BESIDE_FILTERS = {"cursor"}


class ListFilter(FilterSet):
    """A FilterSet whose ``qs`` is never a guess: an unknown or impossible parameter raises BadRequest, naming it."""

    @classmethod
    def of(cls, request: HttpRequest, rows: QuerySet[Any]) -> "ListFilter":
        """Read ``request``'s query string, filters and ``cursor`` alone."""
        unknown = sorted(set(request.GET) - set(cls.base_filters) - BESIDE_FILTERS)
        if unknown:
            raise BadRequest(_("%(name)s: there is no such filter.") % {"name": ascii(unknown[0])})
        chosen = cls(request.GET, queryset=rows, request=request)
        if not chosen.form.is_valid():
            name, errors = next(iter(chosen.form.errors.items()))
            raise BadRequest(f"{name}: {errors[0]}")
        for field in chosen.form.fields.values():
            field.widget.attrs["aria-label"] = field.label
        return chosen

    def is_chosen(self) -> bool:
        """Say whether any filter narrows the list: an empty list then means "nothing fits"."""
        return any(value is not False and value not in (None, "", []) for value in self.form.cleaned_data.values())


def older_url(request: HttpRequest, cursor: str) -> str:
    """Return the address of the next page with the same filters, or "" on the last one."""
    if not cursor:
        return ""
    query = request.GET.copy()
    query["cursor"] = cursor
    return f"{request.path}?{query.urlencode()}"
