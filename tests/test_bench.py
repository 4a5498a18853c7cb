"""The frame of the benches: bars, medians in turns, one line each."""

from importlib import import_module

from bench import intake
from bench.__main__ import MODULES, formatted
from bench.registry import BENCHES, Result, at_least, at_most, interleaved
from trust.embedded.supervisor import ROOT


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


def test_every_bench_has_its_row_in_the_documentation():
    for module in MODULES:
        import_module(f"bench.{module}")
    told = (ROOT / "docs" / "performance.md").read_text()

    assert [name for name in BENCHES if f"| {name}" not in told] == []


def test_what_an_alert_costs_is_said_by_processor_time():
    note = intake.by_processor([(2.4, 1.2), (7.2, 1.8), (2.4, 1.2)])

    assert note == "processor: 100 µs an alert, the limit 50, ratio 0.50"
