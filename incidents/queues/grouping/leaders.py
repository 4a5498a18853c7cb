"""Finding the group a text joins: the leader with the fewest word edits, among those that share the most keys."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final

from incidents.queues.grouping.likeness import edits_between
from incidents.queues.grouping.texts import Text

NEWEST_OF_A_KEY: Final = 8  # a key of boilerplate may have any number of leaders; only the newest are looked at
MOST_COMPARED: Final = 4


class Leaders:
    """The first text of each group, in memory."""

    def __init__(self) -> None:
        self.texts: dict[int, Text] = {}
        self._by_key: dict[int, list[int]] = defaultdict(list)

    def add(self, group: int, text: Text, keys: Sequence[int]) -> None:
        """Let ``text`` lead ``group``; a later group has a higher number."""
        self.texts[group] = text
        for key in keys:
            self._by_key[key].append(group)

    def sharing(self, keys: Sequence[int]) -> Counter[int]:
        """Return {group: how many of ``keys`` its leader has}."""
        return Counter(group for key in keys for group in self._by_key.get(key, ())[-NEWEST_OF_A_KEY:])


def closest(text: Text, shared: Mapping[int, int], leaders: Mapping[int, Text]) -> int | None:
    """Return the group that ``text`` joins, given {group: keys shared}; None where no leader is near enough.

    Groups that ``leaders`` lacks are passed over.
    """
    ranked = sorted(shared, key=lambda group: (-shared[group], -group))
    compared = islice((group for group in ranked if group in leaders), MOST_COMPARED)
    near = [(edits, group) for group in compared if (edits := edits_between(text, leaders[group])) is not None]
    return min(near)[1] if near else None
