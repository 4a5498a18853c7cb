from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator
from django_filters import CharFilter, DateFilter

from trust.filtering import ListFilter

DAYS = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2199, 12, 31))]


class TrafficFilter(ListFilter):
    """What the list of counts can be narrowed by."""

    source = CharFilter(field_name="source__slug", max_length=60)
    since = DateFilter(field_name="day", lookup_expr="gte", validators=DAYS)
    until = DateFilter(field_name="day", lookup_expr="lte", validators=DAYS)
