"""The tables of enforcement: strikes, actions and what they rest on, deliveries."""

from incidents.enforcement.models.actions import (
    Delivery,
    EnforcementAction,
    EnforcementActionQuerySet,
    EnforcementDecision,
    Strike,
    StrikeQuerySet,
)

__all__ = [
    "Delivery",
    "EnforcementAction",
    "EnforcementActionQuerySet",
    "EnforcementDecision",
    "Strike",
    "StrikeQuerySet",
]
