"""How much it says that two actors have something in common: much when few others have it, nothing when many do.

Pure: knows no table. See decision 26.
"""

from __future__ import annotations

from functools import lru_cache
from math import log
from typing import Final

# Whatever is known by other names is taken for hard to share by chance: a card, a device, a telephone.
SHARED_BY_CHANCE: Final = frozenset(
    {"ip", "ip_address", "ip_range", "network", "asn", "user_agent", "email_domain", "country", "text"}
)
# Up to the first number of holders it says all that it can, from the second on nothing, and less and less in between.
HARD_TO_SHARE: Final = (30, 200)
BY_CHANCE: Final = (25, 120)
MOST_HOLDERS: Final = 200  # the larger of the two: what more actors have is not looked at

LINKED_FROM: Final = 0.8


@lru_cache(maxsize=4096)
def weight_of(kind: str, holders: int) -> float:
    """Return 0 to 1 for something of ``kind`` that ``holders`` actors have, these two among them."""
    full, gone = BY_CHANCE if kind.casefold() in SHARED_BY_CHANCE else HARD_TO_SHARE
    if holders < 2 or holders >= gone:
        return 0.0
    return min(1.0, (log(gone) - log(holders)) / (log(gone) - log(full)))
