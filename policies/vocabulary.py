"""The words that every room judges and acts with: severity, side, verdict, enforcement kinds, standing.

Values are stored in rows, sent in webhooks and named in the API; labels are for people.
Change a label freely, a value never.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import models
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class Severity(models.IntegerChoices):
    """How bad a violation is. Shown as a meter of four bars with "S2 moderate" beside it."""

    NONE = 0, _("none")
    MINOR = 1, _("minor")
    MODERATE = 2, _("moderate")
    SERIOUS = 3, _("serious")
    CRITICAL = 4, _("critical")

    @property
    def code(self) -> str:
        """Return the short form, ``S2``, which is the same in every language."""
        return f"S{self.value}"

    @property
    def in_full(self) -> StrPromise:
        """Return "S2 moderate", translated when it is read."""
        return format_lazy("{} {}", self.code, self.label)


class Side(models.TextChoices):
    """Which part of a generation violates. A label says "Output" where the API says completion."""

    PROMPT = "prompt", _("Prompt")
    COMPLETION = "completion", _("Output")
    INTERACTION = "interaction", _("Both")


class Verdict(models.TextChoices):
    """What a reviewer found in one round. An automatic close is an outcome of the item, not a verdict."""

    VIOLATING = "violating", _("Violating")
    BENIGN = "benign", _("Benign")
    NO_POLICY_FITS = "no_policy_fits", _("No policy fits")
    CANNOT_JUDGE = "cannot_judge", _("Cannot judge")


class EnforcementKind(models.TextChoices):
    """The ladder of consequences, mildest first."""

    NOTICE = "notice", _("Notice")
    WARNING = "warning", _("Warning")
    RATE_LIMIT = "rate_limit", _("Rate limit")
    QUOTA = "quota", _("Quota")
    FEATURE_BLOCK = "feature_block", _("Feature block")
    SUSPENSION = "suspension", _("Suspension")
    BAN = "ban", _("Ban")
    REFERRAL = "referral", _("Referral to an authority")

    @property
    def is_severe(self) -> bool:
        """Say whether it takes two people to carry this out."""
        return self in SEVERE


SEVERE: Final = frozenset(
    {EnforcementKind.FEATURE_BLOCK, EnforcementKind.SUSPENSION, EnforcementKind.BAN, EnforcementKind.REFERRAL}
)
# What a lead may carry out alone where waiting costs too much: what can be undone. Decision 29 says why.
BREAKABLE: Final = frozenset({EnforcementKind.FEATURE_BLOCK, EnforcementKind.SUSPENSION})


class Standing(models.TextChoices):
    """Where an actor stands, best first; unknown until something was decided about them."""

    GOOD = "good", _("Good")
    WARNED = "warned", _("Warned")
    LIMITED = "limited", _("Limited")
    SUSPENDED = "suspended", _("Suspended")
    BANNED = "banned", _("Banned")
    UNKNOWN = "unknown", _("Unknown")
