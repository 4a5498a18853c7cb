"""The frame of the benches: bars, medians in turns, one line each."""

from bench.__main__ import formatted
from bench.registry import Result, at_least, at_most, interleaved


def test_a_bar_holds_on_its_own_side_and_at_its_bound():
    assert at_least(0.6).holds(0.6)
    assert not at_least(0.6).holds(0.59)
    assert at_most(4).holds(4.0)
    assert not at_most(4).holds(4.1)


def test_work_and_limit_are_measured_in_turns_and_compared_by_their_medians():
    calls = []
    figures = iter([10.0, 30.0, 20.0])

    def work() -> float:
        calls.append("work")
        return next(figures)

    def limit() -> float:
        calls.append("limit")
        return 40.0

    assert interleaved(work, limit, rounds=3) == (20.0, 40.0)
    assert calls == ["work", "limit"] * 3


def test_a_line_names_figure_limit_ratio_bar_and_verdict():
    line = formatted(Result("intake_http", 8_000, 16_000, "alerts/s", at_least(0.6)))

    assert line.split() == ["intake_http", "8,000", "alerts/s", "16,000", "alerts/s", "0.50", "≥", "0.6", "MISSED"]
