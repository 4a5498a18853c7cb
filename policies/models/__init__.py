"""Guidelines, and the gaps in them."""

from policies.models.acknowledgements import Acknowledgement
from policies.models.gaps import GapDay, GapEvent, PolicyGap, PolicyGapQuerySet
from policies.models.guidelines import (
    Clause,
    ClauseRevision,
    ClauseVersion,
    ClauseVersionQuerySet,
    Contribution,
    Mapping,
    Policy,
    PolicyQuerySet,
    PolicyVersion,
    PolicyVersionQuerySet,
    Typing,
    VersionRevision,
)
from policies.models.retirements import Retirement, RetirementQuerySet

__all__ = [
    "Acknowledgement",
    "Clause",
    "ClauseRevision",
    "ClauseVersion",
    "ClauseVersionQuerySet",
    "Contribution",
    "GapDay",
    "GapEvent",
    "Mapping",
    "Policy",
    "PolicyGap",
    "PolicyGapQuerySet",
    "PolicyQuerySet",
    "PolicyVersion",
    "PolicyVersionQuerySet",
    "Retirement",
    "RetirementQuerySet",
    "Typing",
    "VersionRevision",
]
