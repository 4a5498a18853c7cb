"""The tables of enforcement: strikes, actions and what they rest on, deliveries, extensions."""

from incidents.enforcement.models.acting import LARGEST_CAP, MILD, ActingCheck, ActingRule, ActingRuleDay
from incidents.enforcement.models.actions import (
    SHORTEST_STAKE,
    Delivery,
    EnforcementAction,
    EnforcementActionQuerySet,
    EnforcementDecision,
    InForceTelling,
    Strike,
    StrikeQuerySet,
)
from incidents.enforcement.models.extensions import Extension, ExtensionQuerySet
from incidents.enforcement.models.statements import LONGEST_TEMPLATE, Statement, StatementTemplate

__all__ = [
    "LARGEST_CAP",
    "LONGEST_TEMPLATE",
    "MILD",
    "SHORTEST_STAKE",
    "ActingCheck",
    "ActingRule",
    "ActingRuleDay",
    "Delivery",
    "EnforcementAction",
    "EnforcementActionQuerySet",
    "EnforcementDecision",
    "Extension",
    "ExtensionQuerySet",
    "InForceTelling",
    "Statement",
    "StatementTemplate",
    "Strike",
    "StrikeQuerySet",
]
