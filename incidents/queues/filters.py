import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from incidents.queues.models import Round
from trust import clock
from trust.filtering import ListFilter


class RoundFilter(ListFilter):
    """What a lead narrows the list of a queue by; both are read from the index of the claim order."""

    priority = django_filters.NumberFilter(
        field_name="priority", lookup_expr="gte", label=_("Priority at least"), min_value=-32768, max_value=32767
    )
    overdue = django_filters.BooleanFilter(method="only_overdue", label=_("Only overdue"), widget=forms.CheckboxInput)

    class Meta:
        model = Round
        fields: list[str] = []

    def only_overdue(self, rounds: QuerySet[Round], name: str, value: bool) -> QuerySet[Round]:
        return rounds.filter(due_at__lt=clock.now()) if value else rounds
