"""Which of many texts belong together: the pure part of suggestions. No labels, no list of words, no number of sets.

Texts are seen from many sides (half of their features at a time), coarser and finer; each view puts them into
communities. What most views agree on is a set. Texts that belong to nothing are left out. The same texts in the same
order always give the same sets. See ``docs/decisions/0018-gaps-are-found-by-agreement.md``.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from typing import Final

from incidents.guidance.likeness import agreement, features, neighbours
from incidents.guidance.likeness.agreement import SMALLEST
from incidents.guidance.likeness.communities import communities

__all__ = ["SMALLEST", "alike"]

VIEWS: Final = 24
RESOLUTIONS: Final = (2.0, 3.0, 4.0, 6.0)


def alike(texts: Sequence[str], *, elsewhere: Counter[str] | None = None, texts_elsewhere: int = 0) -> list[list[int]]:
    """Return sets of places in ``texts`` that are about the same, the largest first; a place is in one set at most.

    ``elsewhere`` is ``features.how_common`` of ``texts_elsewhere`` other texts: what is usual where these come from.
    """
    if len(texts) < agreement.SMALLEST:
        return []
    vectors = features.vectors_of(texts, elsewhere=elsewhere or Counter(), texts_elsewhere=texts_elsewhere)
    sides = neighbours.sides_of(vectors)
    ways = []
    for number in range(VIEWS):
        chance = random.Random(f"view {number}")  # noqa: S311 - repeatable, not secret
        graph = neighbours.view(sides, chance)
        ways.append(communities(graph, resolution=RESOLUTIONS[number % len(RESOLUTIONS)], chance=chance))
    return agreement.branches(ways)
