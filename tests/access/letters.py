"""Who asks for pages and endpoints, each by a letter."""

from typing import Final

# Who asks. The first two are told apart by what is theirs; the last two hold a clearance for child safety.
LETTERS: Final = {
    "H": "the reviewer who holds {held}, decided {decided} and proposed {proposed}",
    "R": "a reviewer who has nothing to do with it",
    "L": "a lead",
    "E": "a policy editor",
    "P": "a policy approver",
    "N": "an analyst",
    "U": "an auditor",
    "A": "an admin",
    "C": "the cleared reviewer who holds {restricted}",
    "K": "a cleared lead",
}
SIGNED_IN: Final = "H R L E P N U A C K"
ANYONE: Final = "* " + SIGNED_IN
NOBODY: Final = ""
REVIEWERS: Final = "H R L C K"
LEADS: Final = "L K"
