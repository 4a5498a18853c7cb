"""Every write of enforcement: strikes, proposals, approvals, and carrying out."""

from incidents.enforcement.operations.approving import approve, confirm, reverse
from incidents.enforcement.operations.carrying_out import end_next, follow_deliveries, send_again, send_all_again
from incidents.enforcement.operations.glass import break_glass, review_glass
from incidents.enforcement.operations.proposing import Proposal, adopt, decline, propose
from incidents.enforcement.operations.strikes import give_strikes, void_strike

__all__ = [
    "Proposal",
    "adopt",
    "approve",
    "break_glass",
    "confirm",
    "decline",
    "end_next",
    "follow_deliveries",
    "give_strikes",
    "propose",
    "reverse",
    "review_glass",
    "send_again",
    "send_all_again",
    "void_strike",
]
