"""Which texts are near-identical: pure functions over text, no database.

Two texts are alike when they have the same messages in the same order and each message differs from its counterpart in
at most a tenth of its words (one word from four words up). Keys find the candidates, comparing words decides.
"""

from incidents.queues.grouping.keys import keys_of
from incidents.queues.grouping.leaders import MOST_COMPARED, NEWEST_OF_A_KEY, Leaders, closest
from incidents.queues.grouping.likeness import edits_between, may_be_alike
from incidents.queues.grouping.texts import Text, text_of
from incidents.queues.grouping.version import VERSION

__all__ = [
    "MOST_COMPARED",
    "NEWEST_OF_A_KEY",
    "VERSION",
    "Leaders",
    "Text",
    "closest",
    "edits_between",
    "keys_of",
    "may_be_alike",
    "text_of",
]
