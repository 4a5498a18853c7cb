import re
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q
from django.forms import DateInput, TextInput
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter, DateFilter

from trust.audit import sentences
from trust.audit.models import AuditEventQuerySet, AuditSubject
from trust.filtering import ListFilter
from trust.integers import BIGGEST_BIGINT

MOST_PEOPLE = 20
DAYS = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2199, 12, 31))]

_ABOUT = re.compile(r"([\w -]{1,40}) ([0-9]{1,19})\Z")  # "api-schlüssel 7" as well


def _areas() -> list[tuple[str, str]]:
    """Return the choices of "what": the areas of the kinds, each followed by its kinds."""
    kinds = sentences.kinds()
    areas = sorted({kind.partition(".")[0] for kind in kinds})
    return [(area, area.replace("_", " ")) for area in areas] + [(kind, kind) for kind in kinds]


def _midnight(day: date) -> datetime:
    """Return when ``day`` begins in the reader's time zone."""
    return timezone.make_aware(datetime.combine(day, time.min))


def _date() -> DateInput:
    return DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def readable_about(text: str) -> None:
    match = _ABOUT.match(text.strip().lower())
    if not match or int(match[2]) > BIGGEST_BIGINT or not sentences.kinds_named(match[1]):
        raise ValidationError(gettext("Write a kind of object and its number, as in “item 31”."))


class AuditFilter(ListFilter):
    who = CharFilter(
        label=_("Who"),
        method="by_person",
        max_length=200,
        widget=TextInput(attrs={"placeholder": _("Name, e-mail or “system”")}),
    )
    what = ChoiceFilter(label=_("What"), method="of_kind", choices=_areas, empty_label=_("Anything done"))
    about = CharFilter(
        label=_("About"),
        method="about_object",
        max_length=60,
        validators=[readable_about],
        widget=TextInput(attrs={"placeholder": _("Object, as in “item 31”")}),
    )
    since = DateFilter(label=_("Since"), method="from_day", widget=_date(), validators=DAYS)
    until = DateFilter(label=_("Until"), method="to_day", widget=_date(), validators=DAYS)

    def from_day(self, events: AuditEventQuerySet, _name: str, day: date) -> Any:
        return events.filter(at__gte=_midnight(day))

    def to_day(self, events: AuditEventQuerySet, _name: str, day: date) -> Any:
        return events.filter(at__lt=_midnight(day + timedelta(days=1)))

    def by_person(self, events: AuditEventQuerySet, _name: str, text: str) -> Any:
        """People whose name or address holds ``text``, the first few; "system" is the system."""
        if text.strip().lower() == "system":
            return events.filter(by__isnull=True)
        people = get_user_model().objects.filter(Q(name__icontains=text.strip()) | Q(email__icontains=text.strip()))
        return events.filter(by__in=list(people.order_by("pk").values_list("pk", flat=True)[:MOST_PEOPLE]))

    def of_kind(self, events: AuditEventQuerySet, _name: str, kind: str) -> Any:
        return events.filter(kind__in=[one for one in sentences.kinds() if one == kind or one.startswith(f"{kind}.")])

    def about_object(self, events: AuditEventQuerySet, _name: str, text: str) -> Any:
        noun, _space, number = text.strip().lower().rpartition(" ")
        named = AuditSubject.objects.filter(subject_kind__in=sentences.kinds_named(noun), subject_id=int(number))
        return events.filter(pk__in=named.values("event"))
