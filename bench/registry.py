"""What is measured, and the bar each measurement must reach."""

import operator
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.world import World

ROUNDS = 5


@dataclass(frozen=True)
class Bar:
    """A bound on the ratio of figure to limit."""

    sign: str
    bound: float

    def holds(self, ratio: float) -> bool:
        return {"≥": operator.ge, "≤": operator.le}[self.sign](ratio, self.bound)

    def __str__(self) -> str:
        return f"{self.sign} {self.bound:g}"


def at_least(bound: float) -> Bar:
    return Bar("≥", bound)


def at_most(bound: float) -> Bar:
    return Bar("≤", bound)


@dataclass(frozen=True)
class Result:
    """One line of the report. ``figure`` and ``limit`` share ``unit``; ``ratio`` is the first by the second."""

    name: str
    figure: float
    limit: float
    unit: str
    bar: Bar
    note: str = ""

    @property
    def ratio(self) -> float:
        return self.figure / self.limit

    @property
    def is_met(self) -> bool:
        return self.bar.holds(self.ratio)


Bench = Callable[["World"], list[Result]]
BENCHES: dict[str, Bench] = {}


def bench(name: str) -> Callable[[Bench], Bench]:
    """Register a function that measures ``name`` and returns one result or several (``name/part``)."""

    def register(function: Bench) -> Bench:
        BENCHES[name] = function
        return function

    return register


def interleaved(work: Callable[[], float], limit: Callable[[], float], rounds: int = ROUNDS) -> tuple[float, float]:
    """Measure both in turns, so that a busy moment of the machine hits both; return the two medians."""
    pairs = [(work(), limit()) for _ in range(rounds)]
    return statistics.median(first for first, _ in pairs), statistics.median(second for _, second in pairs)


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
