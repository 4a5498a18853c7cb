from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from incidents.queues.models.items import Round


class PassingQuerySet(models.QuerySet["Passing"]):
    def standing(self) -> PassingQuerySet:
        """Holds and hand-overs that nothing has followed yet: the round is leased just as they left it."""
        return self.filter(
            round__status=Round.Status.OPEN, round__fence=F("fence"), round__lease_until=F("lease_until")
        )

    def for_round(self) -> PassingQuerySet:
        """Load who passed it to whom, the newest first. 1 query."""
        return self.select_related("by", "to").order_by("-at", "-pk")


class Passing(models.Model):
    """What was done with a round instead of deciding it, and what was said. Append-only.

    A hold and a hand-over leave the round leased under ``fence`` until ``lease_until``, and stand as long as it is
    leased just so: whatever is done with it next ends them, without a write here. ``until`` is when a hold wakes, or
    by when ``to`` is to answer.
    """

    class Kind(models.TextChoices):
        HELD = "held", _("Put on hold")
        HANDED_OVER = "handed_over", _("Handed over")
        DECLINED = "declined", _("Declined")
        ESCALATED = "escalated", _("Escalated")
        MOVED = "moved", _("Moved")
        ASKED = "asked", _("Asked for a second opinion")

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="passings")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField()
    lease_until = models.DateTimeField(null=True)

    objects = PassingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["held", "handed_over"], until__isnull=False, lease_until__gte=F("until"))
                | Q(kind__in=["declined", "escalated", "moved", "asked"], until__isnull=True, lease_until__isnull=True),
                name="passing_times_by_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind="handed_over", to__isnull=False) & ~Q(to=F("by"))
                | ~Q(kind="handed_over") & Q(to__isnull=True),
                name="passing_to_another",
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("at")), name="passing_until_comes_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.round_id}"

    def stands_for(self, round: Round) -> bool:
        """Say whether nothing has followed it yet, of the round as it was read. No query."""
        lease = (round.pk, round.fence, round.lease_until)
        return self.lease_until is not None and lease == (self.round_id, self.fence, self.lease_until)
