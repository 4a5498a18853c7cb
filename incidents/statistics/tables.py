"""What can be asked of the statistics, and its answer: a cut and its table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext as _, gettext_lazy

from incidents.impact.carrying import Apart
from incidents.statistics import suppression
from incidents.statistics.models import DailyCount
from incidents.statistics.periods import Period
from policies.models import PolicyVersion

TOTAL: Final = "total"
NO_KEY: Final = "none"


class Across(TextChoices):
    POLICY = "policy", gettext_lazy("Policy")
    CLAUSE = "clause", gettext_lazy("Clause")
    SEVERITY = "severity", gettext_lazy("Severity")
    VERDICT = "verdict", gettext_lazy("Verdict")
    SOURCE = "source", gettext_lazy("Source")


OF_VIOLATIONS: Final = frozenset({"policy", "clause", "severity"})

# Any two of these share nothing but the totals of the weeks, so that none gives away what another hides.
PUBLISHABLE: Final = (Across.POLICY, Across.SEVERITY, Across.VERDICT, Across.SOURCE)


@dataclass(frozen=True)
class Cut:
    """What to count: periods by a dimension, over whole periods, narrowed by ``filters`` (dimension: id or value).

    ``named`` are the filters as they were asked for: by key or slug. ``under`` is the version of a policy that
    decisions are carried over to; then only what that policy is about is counted.
    """

    by: Period
    across: Across
    first: date
    last: date
    filters: Mapping[str, int | str] = field(default_factory=dict)
    named: Mapping[str, str] = field(default_factory=dict)
    under: PolicyVersion | None = None

    @property
    def kind(self) -> DailyCount.Kind:
        """Violations, as soon as a policy, a clause or a severity is named; else decisions."""
        if self.under or OF_VIOLATIONS & {self.across.value, *self.filters}:
            return DailyCount.Kind.VIOLATION
        return DailyCount.Kind.DECISION


@dataclass(frozen=True)
class Cell:
    """One number; ``count`` and ``actors`` are None where it is hidden."""

    count: int | None
    actors: int | None

    @property
    def is_hidden(self) -> bool:
        return self.count is None


@dataclass(frozen=True)
class Heading:
    """A row or a column: its key for machines, its label for people."""

    key: str
    label: str


@dataclass(frozen=True)
class NotCovered:
    """What cites a clause that leads to none of the version that was asked for: ``why`` says how that is."""

    clause: Heading
    why: Apart
    cell: Cell

    @property
    def told(self) -> str:
        return _("Not covered yet") if self.why == Apart.YET else _("No longer covered")


@dataclass(frozen=True)
class Table:
    """Counts with their totals: ``cells`` has one row and one column more than there are headings.

    ``not_covered`` stands beside them and is in none of the cells; empty where decisions are not carried over.
    """

    cut: Cut
    rows: Sequence[Heading]
    columns: Sequence[Heading]
    cells: Sequence[Sequence[Cell]]
    is_suppressed: bool = False
    not_covered: Sequence[NotCovered] = ()

    @property
    def total(self) -> Cell:
        return self.cells[-1][-1]

    @property
    def hidden(self) -> int:
        return sum(cell.is_hidden for row in self.cells for cell in row)

    @property
    def lines(self) -> list[tuple[Heading | None, Sequence[Cell]]]:
        """Return the rows with their cells; the row of totals has no heading."""
        return list(zip([*self.rows, None], self.cells, strict=True))

    def total_of_column(self, key: str) -> Cell:
        place = next(place for place, column in enumerate(self.columns) if column.key == key)
        return self.cells[-1][place]

    def suppressed(self) -> Table:
        """Return the table as it may be published: no count points at a few actors, or gives one away that does."""
        if self.is_suppressed:
            return self
        counts = [[cell.count or 0 for cell in row] for row in self.cells]
        actors = [[cell.actors or 0 for cell in row] for row in self.cells]
        hidden = suppression.hidden_places(counts, actors)
        cells = [
            [Cell(None if (row, column) in hidden else count, None) for column, count in enumerate(line)]
            for row, line in enumerate(counts)
        ]
        return replace(self, cells=cells, is_suppressed=True)
