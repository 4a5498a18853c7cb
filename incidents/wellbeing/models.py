from __future__ import annotations

from typing import Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from policies.models import Policy
from policies.vocabulary import Severity

LEVELS: Final = len(Severity)


def nothing_at_any_severity() -> list[int]:
    return [0] * LEVELS


class Covering(models.Model):
    """How content is shown to ``person`` (None: to whoever chose nothing), in ``policy`` (None: in any).

    Each of the three is on or off by itself. Blurred: until pointed at or reached by keyboard.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    is_covered = models.BooleanField(_("Covered"), default=True)
    is_blurred = models.BooleanField(_("Blurred"), default=False)
    is_grey = models.BooleanField(_("Greyscale"), default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "policy"], name="covering_once", nulls_distinct=False)]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.policy_id}"


class Limits(models.Model):
    """How much content is enough: for everyone (no person), and what a person set lower for themselves. None: no limit.

    Items count from ``severe_from`` on. A soft limit is told, at a hard one no further item of that severity comes.
    ``opted_out`` are ids of categories that never come to the person.
    """

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    severe_from = models.PositiveSmallIntegerField(choices=Severity.choices[1:], default=Severity.SERIOUS)
    day_items_soft = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    day_items_hard = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    day_minutes_soft = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    day_minutes_hard = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    row_items_soft = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    row_items_hard = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    rotate_after = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    break_after_minutes = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    cools_down = models.BooleanField(default=False)
    opted_out = ArrayField(models.BigIntegerField(), default=list, db_default=[], blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(person__isnull=True),
                nulls_distinct=False,
                name="limits_of_the_organisation_once",
            ),
            models.CheckConstraint(
                condition=Q(severe_from__gte=1, severe_from__lte=4), name="limits_severe_from_1_to_4"
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{name}_soft__isnull": True})
                    | Q(**{f"{name}_hard__isnull": True})
                    | Q(**{f"{name}_soft__lte": F(f"{name}_hard")}),
                    name=f"limits_{name}_in_order",
                )
                for name in ("day_items", "day_minutes", "row_items")
            ),
        ]

    def __str__(self) -> str:
        return str(self.person_id or "the organisation")


class Pace(models.Model):
    """Where a person stands: the narrow row that changes at each reveal.

    ``in_a_row`` counts, for each severity, the last items that were at least so severe; ``of_category_in_a_row`` the
    last items of each category, by its id.
    """

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    in_a_row = ArrayField(models.IntegerField(), size=LEVELS, default=nothing_at_any_severity)
    of_category_in_a_row = models.JSONField(default=dict)
    last_severity = models.PositiveSmallIntegerField(default=0)
    last_at = models.DateTimeField(null=True)
    seconds_since_break = models.PositiveIntegerField(default=0)
    break_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.pk)


class Exposure(models.Model):
    """One line of a person's ledger: an item that was revealed (once a day), or seconds that it then stood open.

    Append-only for half a year. The item stands in a room below, so it is named by its number.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    item_id = models.BigIntegerField()
    categories = ArrayField(models.BigIntegerField(), default=list)
    severity = models.PositiveSmallIntegerField()
    weight = models.PositiveIntegerField()
    day = models.DateField()
    at = models.DateTimeField()
    is_reveal = models.BooleanField()
    seconds = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "day", "item_id"], condition=Q(is_reveal=True), name="exposure_revealed_once_a_day"
            ),
            models.CheckConstraint(condition=Q(severity__lte=4), name="exposure_severity_0_to_4"),
        ]
        indexes = [
            models.Index(
                fields=["person", "-at", "-id"], condition=Q(is_reveal=True), name="exposure_newest_of_person"
            ),
            models.Index(fields=["at"], name="exposure_by_age"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ExposureDay(models.Model):
    """The sums of one person's ledger over one day of their own time zone, by severity."""

    pk = models.CompositePrimaryKey("person_id", "day")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    items = ArrayField(models.IntegerField(), size=LEVELS, default=nothing_at_any_severity)
    seconds = ArrayField(models.IntegerField(), size=LEVELS, default=nothing_at_any_severity)
    weighted = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["day"], name="exposureday_by_age")]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.day}"


class TeamWeek(models.Model):
    """What all reviewers together were exposed to in one week, worked out once after its end. Append-only.

    None where fewer than five people stand behind a figure. That it never changes keeps one person's share from being
    told by the difference of two readings.
    """

    monday = models.DateField(unique=True)
    items = models.PositiveIntegerField(null=True)
    severe_items = models.PositiveIntegerField(null=True)
    seconds = models.PositiveBigIntegerField(null=True)
    weighted = models.PositiveBigIntegerField(null=True)

    def __str__(self) -> str:
        return str(self.monday)
