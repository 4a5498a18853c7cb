"""The tables of enforcement: strikes, actions and what they rest on, deliveries."""

from incidents.enforcement.models.actions import (
    SHORTEST_STAKE,
    Delivery,
    EnforcementAction,
    EnforcementActionQuerySet,
    EnforcementDecision,
    Strike,
    StrikeQuerySet,
)

__all__ = [
    "SHORTEST_STAKE",
    "Delivery",
    "EnforcementAction",
    "EnforcementActionQuerySet",
    "EnforcementDecision",
    "Strike",
    "StrikeQuerySet",
]
