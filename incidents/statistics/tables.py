"""What can be asked of the statistics, and its answer: a cut and its table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from incidents.statistics import suppression
from incidents.statistics.models import DailyCount
from incidents.statistics.periods import Period

TOTAL: Final = "total"
NO_KEY: Final = "none"


class Across(TextChoices):
    POLICY = "policy", _("Policy")
    CLAUSE = "clause", _("Clause")
    SEVERITY = "severity", _("Severity")
    VERDICT = "verdict", _("Verdict")
    SOURCE = "source", _("Source")


OF_VIOLATIONS: Final = frozenset({"policy", "clause", "severity"})

# Any two of these share nothing but the totals of the weeks, so that none gives away what another hides.
PUBLISHABLE: Final = (Across.POLICY, Across.SEVERITY, Across.VERDICT, Across.SOURCE)


@dataclass(frozen=True)
class Cut:
    """What to count: periods by a dimension, over whole periods, narrowed by ``filters`` (dimension: id or value).

    ``named`` are the filters as they were asked for: by key or slug.
    """

    by: Period
    across: Across
    first: date
    last: date
    filters: Mapping[str, int | str] = field(default_factory=dict)
    named: Mapping[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> DailyCount.Kind:
        """Violations, as soon as a policy, a clause or a severity is named; else decisions."""
        if OF_VIOLATIONS & {self.across.value, *self.filters}:
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
class Table:
    """Counts with their totals: ``cells`` has one row and one column more than there are headings."""

    cut: Cut
    rows: Sequence[Heading]
    columns: Sequence[Heading]
    cells: Sequence[Sequence[Cell]]
    is_suppressed: bool = False

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
