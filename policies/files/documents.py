"""What the files of one policy say, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from policies.files.faults import Fault
from policies.texts import PolicyText


@dataclass(frozen=True, order=True)
class OutsideCategory:
    """A category of an outside taxonomy that a clause stands for."""

    taxonomy: str
    taxonomy_version: str
    name: str


@dataclass(frozen=True)
class PolicyDocument:
    """One version of one policy, with what belongs to the policy and to no version: order, restriction, outside names.

    ``version`` is the version that was written out. ``outside`` has every clause's key. ``places`` says on which line
    of which file a field stands, by clause key ("" for the policy) and field; it takes no part in comparison.
    """

    key: str
    version: int
    order: int
    restricted_category: str
    change_note: str
    text: PolicyText
    outside: Mapping[str, tuple[OutsideCategory, ...]]
    places: Mapping[tuple[str, str], tuple[str, int]] = field(default_factory=dict, compare=False, repr=False)

    def fault(self, told: str, *, field: str, clause: str = "") -> Fault:
        """Return what is to be said of a field, with its file and line."""
        file, line = self.places.get((clause, field), (self.key, None))
        return Fault(told, file=file, line=line)

    def at(self, field: str, told: str) -> str:
        """Return what is to be said of a field of the policy, as a sentence with its file and line."""
        return str(self.fault(told, field=field))
