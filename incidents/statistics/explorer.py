"""What the page of statistics shows about a cut: tiles, a trend and bars, all out of its tables.

Every figure comes from a table that the reader may have: of a published view, from published tables alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext as _

from incidents.statistics import periods, queries
from incidents.statistics.models import DailyCount
from incidents.statistics.suppression import K
from incidents.statistics.tables import OF_VIOLATIONS, Across, Cell, Cut, Heading, Table
from policies.vocabulary import Verdict
from trust import numbers
from trust.charts import Bar, BarChart, LineChart, Point, line_chart, whisker_of, width_of
from trust.proportions import TOO_FEW, Share, share_of

MOST_BARS = 12
IN_THEIR_OWN_ORDER = (Across.SEVERITY, Across.VERDICT)

Drill = Callable[[Heading], str]


@dataclass(frozen=True)
class Tile:
    """One number and how sure it is; ``figure`` None: too few to say."""

    label: str
    figure: str | None
    sure: str
    unit: str = ""


@dataclass(frozen=True)
class Chart:
    title: str
    unit: str
    caption: str
    line: LineChart


@dataclass(frozen=True)
class Explorer:
    table: Table
    tiles: Sequence[Tile]
    trend: Chart | None
    bars: BarChart
    is_narrowed: bool


def explore(cut: Cut, today: date, *, is_exact: bool, drill: Drill) -> Explorer:
    """Gather the page of ``cut``. At most 8 queries, however much was ever decided."""
    table = queries.table(cut, today)
    table = table if is_exact else table.suppressed()
    bars = _bars(table, drill)
    if cut.under is not None or (OF_VIOLATIONS | {"verdict"}) & set(cut.filters):
        return Explorer(table, _narrowed_tiles(table), _trend_of_counts(table), bars, is_narrowed=True)
    judged = queries.table(replace(cut, across=Across.VERDICT, filters=_of_decisions(cut)), today)
    referred = queries.referrals(cut)
    if not is_exact:
        judged = judged.suppressed()
        referred = referred if _may_be_told(referred) else Cell(None, None)
    return Explorer(table, _tiles(table, judged, referred), _trend_of_share(judged), bars, is_narrowed=False)


def _of_decisions(cut: Cut) -> dict[str, int | str]:
    return {name: value for name, value in cut.filters.items() if name == Across.SOURCE}


def _may_be_told(cell: Cell) -> bool:
    return cell.count == 0 or (cell.actors or 0) >= K


# ── Tiles ────────────────────────────────────────────────


def _tiles(table: Table, judged: Table, referred: Cell) -> list[Tile]:
    violating = judged.total_of_column(Verdict.VIOLATING)
    tiles = [_counted(_("Decisions"), judged.total), _share_tile(violating, judged.total)]
    if table.cut.kind == DailyCount.Kind.VIOLATION:
        tiles.append(_counted(_("Violations found"), table.total))
    if judged.total.actors is not None:
        tiles.append(
            Tile(
                _("Actors with a violation"),
                numbers.count(violating.actors or 0),
                _("of %(count)s that were judged") % {"count": numbers.count(judged.total.actors)},
            )
        )
    return [*tiles, _counted(_("Child-safety referrals"), referred, sure=_("not among the decisions"))]


def _narrowed_tiles(table: Table) -> list[Tile]:
    label = _("Violations found") if table.cut.kind == DailyCount.Kind.VIOLATION else _("Decisions")
    actors = Tile(_("Actors"), numbers.count(table.total.actors or 0), _("each counted once"))
    tiles = [_counted(label, table.total), actors]
    if table.cut.under is not None:
        apart = sum(one.cell.count or 0 for one in table.not_covered)
        tiles.append(Tile(_("Not covered"), numbers.count(apart), _("not among the violations")))
    return tiles


def _counted(label: str, cell: Cell, *, sure: str = "") -> Tile:
    if cell.count is None:
        return Tile(label, None, _("hidden to protect a few actors"))
    return Tile(label, numbers.count(cell.count), sure or _("all counted"))


def _share_tile(part: Cell, whole: Cell) -> Tile:
    if part.count is None or whole.count is None:
        return Tile(_("Violating"), None, _("hidden to protect a few actors"))
    share = share_of(part.count, whole.count)
    if share is None:
        return Tile(_("Violating"), None, _("n = %(n)s") % {"n": numbers.count(whole.count)})
    return Tile(_("Violating"), numbers.percent(share.value), _sure(share), unit="%")


def _sure(share: Share) -> str:
    return _("interval %(low)s to %(high)s, n = %(n)s") % {
        "low": numbers.percent(share.low),
        "high": numbers.percent(share.high),
        "n": numbers.count(share.whole),
    }


# ── Charts ───────────────────────────────────────────────


def _trend_of_share(judged: Table) -> Chart | None:
    """Draw the share of decisions that are violating; periods that are hidden or too few are left out."""
    place = next(place for place, column in enumerate(judged.columns) if column.key == Verdict.VIOLATING)
    shares = [
        (periods.short_label_of(judged.cut.by, row.key), share)
        for row, cells in zip(judged.rows, judged.cells, strict=False)
        if cells[place].count is not None and (share := share_of(cells[place].count or 0, cells[-1].count or 0))
    ]
    if not shares:
        return None
    points = [Point(label, 100 * share.value, 100 * share.low, 100 * share.high) for label, share in shares]
    title = _finding([share for _label, share in shares])
    return Chart(
        title=title,
        unit=_("% of decisions"),
        caption=_("Band: 95 %% interval. Left out: what is hidden, and periods of fewer than %(few)s decisions.")
        % {"few": TOO_FEW},
        line=line_chart(title, [_("Period"), _("Share, %"), _("Interval")], points, decimals=1),
    )


def _finding(shares: Sequence[Share]) -> str:
    """Say what can be said: the last half of the periods against the first, by intervals that do not touch."""
    half = len(shares) // 2
    early, late = _pooled(shares[:half]), _pooled(shares[-half:] if half else [])
    if early is None or late is None:
        return _("Violating share of decisions")
    if late.low > early.high:
        return _("The violating share is rising")
    if late.high < early.low:
        return _("The violating share is falling")
    return _("The violating share shows no clear change")


def _pooled(shares: Sequence[Share]) -> Share | None:
    return share_of(sum(share.part for share in shares), sum(share.whole for share in shares))


def _trend_of_counts(table: Table) -> Chart | None:
    points = [
        Point(periods.short_label_of(table.cut.by, row.key), cells[-1].count or 0)
        for row, cells in zip(table.rows, table.cells, strict=False)
    ]
    if not table.total.count:
        return None
    title = _("Violations found") if table.cut.kind == DailyCount.Kind.VIOLATION else _("Decisions")
    return Chart(
        title=title,
        unit=_("counted"),
        caption=_("All counted."),
        line=line_chart(title, [_("Period"), _("Count"), ""], points),
    )


def _bars(table: Table, drill: Drill) -> BarChart:
    totals = [(column, cell) for column, cell in zip(table.columns, table.cells[-1], strict=False) if cell.count != 0]
    if table.cut.across not in IN_THEIR_OWN_ORDER:
        totals.sort(key=lambda pair: (pair[1].count is None, -(pair[1].count or 0)))
    shares = [(column, cell, _share_of_total(cell, table.total)) for column, cell in totals[:MOST_BARS]]
    longest = max((share.high for _column, _cell, share in shares if share), default=0)
    return BarChart(
        summary=_("Counted by %(dimension)s") % {"dimension": table.cut.across.label},
        columns=[str(table.cut.across.label), _("Count")],
        bars=[_bar(column, cell, share, longest, drill(column)) for column, cell, share in shares],
    )


def _bar(column: Heading, cell: Cell, share: Share | None, longest: float, url: str) -> Bar:
    if cell.count is None:
        return Bar(label=column.label, figure=_("hidden"), width="0", url=url)
    figure = numbers.count(cell.count)
    if share is None:
        return Bar(label=column.label, figure=figure, width="0", interval=_("too few to say a share"), url=url)
    words = {
        "share": numbers.percent(share.value),
        "low": numbers.percent(share.low),
        "high": numbers.percent(share.high),
    }
    return Bar(
        label=column.label,
        figure=figure,
        width=width_of(share.value, longest),
        whisker=whisker_of(share.low, share.high, longest),
        interval=_("%(share)s %%, %(low)s to %(high)s") % words,
        url=url,
    )


def _share_of_total(cell: Cell, total: Cell) -> Share | None:
    if cell.count is None or total.count is None:
        return None
    return share_of(cell.count, total.count)
