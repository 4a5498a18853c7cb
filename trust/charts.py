"""Charts as SVG attributes: values in, paths out. Drawn by components/_line_chart.html and _bar_chart.html.

A plot is 100 × 100 units, y downwards, and stretches; every axis starts at zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from django.utils.translation import gettext as _

from trust.numbers import decimal

STEPS = 4


@dataclass(frozen=True)
class Point:
    """One value of a line, with the interval that says how sure it is where there is one."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class LineChart:
    """What the template of a line needs; ``rows`` is the table twin."""

    summary: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, str, str | None]]
    y_ticks: Sequence[str]
    x_ticks: Sequence[str]
    grid: Sequence[str]
    trend: str
    last: str
    band: str


@dataclass(frozen=True)
class Bar:
    """One bar and its row; ``kind`` is "", "two", "three" or "rest", as in app.css."""

    label: str
    figure: str
    width: str
    whisker: str = ""
    interval: str = ""
    url: str = ""
    kind: str = ""


@dataclass(frozen=True)
class BarChart:
    """What the template of bars needs; the bars stand in their own table."""

    summary: str
    columns: Sequence[str]
    bars: Sequence[Bar]


def line_chart(summary: str, columns: Sequence[str], points: Sequence[Point], *, decimals: int = 0) -> LineChart:
    """Draw ``points`` from left to right. ``columns`` head the table: what a point is, its value, its interval."""
    step = tick_step(max([point.high or point.value for point in points], default=0), decimals)
    top = STEPS * step
    spread = [(place(index, len(points)), point) for index, point in enumerate(points)]
    trend = [(x, height(point.value, top)) for x, point in spread]
    sure = [(x, point) for x, point in spread if point.low is not None and point.high is not None]
    upper = [(x, height(point.high or 0, top)) for x, point in sure]
    lower = [(x, height(point.low or 0, top)) for x, point in reversed(sure)]
    return LineChart(
        summary=summary,
        columns=columns if sure else columns[:2],
        rows=[(point.label, decimal(point.value, decimals), interval(point, decimals, sure)) for point in points],
        y_ticks=[decimal(step * index, decimals_of(step)) for index in range(STEPS, -1, -1)],
        x_ticks=x_ticks([point.label for point in points]),
        grid=[f"{100 * index / STEPS:g}" for index in range(STEPS + 1)],
        trend=path(trend),
        last=f"M{trend[-1][0]:g} {trend[-1][1]:g}h0" if trend else "",
        band=f"{path(upper + lower)} Z" if len(sure) > 1 else "",
    )


def width_of(value: float, longest: float) -> str:
    """Return the width of a bar, 0 to 100, beside the longest of its chart."""
    return f"{100 * value / longest:.2f}" if longest > 0 else "0"


def whisker_of(low: float, high: float, longest: float) -> str:
    """Return the path of a whisker over a bar of the same scale."""
    return f"M{width_of(low, longest)} 5H{width_of(high, longest)}"


def tick_step(highest: float, decimals: int) -> float:
    """Return the smallest round step of which STEPS reach ``highest``; a whole number when values have no decimals."""
    if highest <= 0:
        return 1
    power: float = 10 ** floor(log10(highest / STEPS))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor * STEPS >= highest * (1 - 1e-9))
    return step if decimals else max(ceil(step), 1)


def decimals_of(step: float) -> int:
    """Return how many decimals print multiples of ``step`` exactly."""
    return next((count for count in range(9) if round(step, count) == step), 9)


def x_ticks(labels: Sequence[str], most: int = 6) -> list[str]:
    """Return about ``most`` of ``labels``, evenly spread, first and last among them."""
    if len(labels) <= most:
        return list(labels)
    step = (len(labels) - 1) / (most - 1)
    return [labels[round(index * step)] for index in range(most)]


def place(index: int, count: int) -> float:
    """Return the x of a point; a single one stands in the middle."""
    return 50 if count == 1 else round(100 * index / (count - 1), 2)


def height(value: float, top: float) -> float:
    """Return the y of a value."""
    return round(100 - 100 * value / top, 2)


def path(points: Sequence[tuple[float, float]]) -> str:
    """Return the path through ``points``."""
    return " ".join(f"{'L' if index else 'M'}{x:g} {y:g}" for index, (x, y) in enumerate(points))


def interval(point: Point, decimals: int, sure: Sequence[object]) -> str | None:
    """Return "2.35 to 2.88"; None for the whole chart when no point has an interval."""
    if not sure:
        return None
    if point.low is None or point.high is None:
        return "–"
    return _("%(low)s to %(high)s") % {
        "low": decimal(point.low, decimals),
        "high": decimal(point.high, decimals),
    }
