"""Every write of enforcement: strikes, proposals, approvals, and carrying out."""

from incidents.enforcement.operations.acting import RuleDraft, arm_rule, check, disarm_rule, write_rule
from incidents.enforcement.operations.approving import approve, confirm, end_of, reverse, withdraw
from incidents.enforcement.operations.carrying_out import (
    begin_next,
    end_next,
    follow_deliveries,
    send_again,
    send_all_again,
)
from incidents.enforcement.operations.extending import approve_extension, decline_extension, extend
from incidents.enforcement.operations.glass import break_glass, review_glass
from incidents.enforcement.operations.proposing import Proposal, adopt, decline, propose
from incidents.enforcement.operations.reconciling import send_missing, tell_in_force
from incidents.enforcement.operations.statements import write_template
from incidents.enforcement.operations.strikes import give_strikes, void_strike

__all__ = [
    "Proposal",
    "RuleDraft",
    "adopt",
    "approve",
    "approve_extension",
    "arm_rule",
    "begin_next",
    "break_glass",
    "check",
    "confirm",
    "decline",
    "decline_extension",
    "disarm_rule",
    "end_next",
    "end_of",
    "extend",
    "follow_deliveries",
    "give_strikes",
    "propose",
    "reverse",
    "review_glass",
    "send_again",
    "send_all_again",
    "send_missing",
    "tell_in_force",
    "void_strike",
    "withdraw",
    "write_rule",
    "write_template",
]
