"""Charts: values in, SVG paths out."""

from trust.charts import Point, decimals_of, line_chart, tick_step, whisker_of, width_of


def test_a_line_starts_at_zero_and_ends_at_the_right():
    chart = line_chart("Rising", ["Week", "Items"], [Point("1", 0), Point("2", 5), Point("3", 8)])

    assert chart.trend == "M0 100 L50 37.5 L100 0"
    assert chart.last == "M100 0h0"
    assert list(chart.y_ticks) == ["8", "6", "4", "2", "0"]


def test_the_band_goes_along_the_high_ends_and_back_along_the_low_ones():
    points = [Point("1", 2, low=1, high=3), Point("2", 3, low=2, high=4)]

    chart = line_chart("Rising", ["Week", "Rate", "Interval"], points)

    assert chart.band == "M0 25 L100 0 L100 50 L0 75 Z"
    assert list(chart.rows) == [("1", "2", "1 to 3"), ("2", "3", "2 to 4")]


def test_without_intervals_there_is_no_band_and_no_column_for_it():
    chart = line_chart("Rising", ["Week", "Items", "Interval"], [Point("1", 2), Point("2", 3)])

    assert chart.band == ""
    assert list(chart.columns) == ["Week", "Items"]


def test_nothing_at_all_still_draws_its_axes():
    chart = line_chart("Nothing yet", ["Week", "Items"], [])

    assert chart.trend == ""
    assert list(chart.y_ticks) == ["4", "3", "2", "1", "0"]


def test_ticks_of_counts_are_whole_numbers():
    assert [tick_step(highest, 0) for highest in (1, 7, 9, 11, 41, 17_204)] == [1, 2, 3, 5, 20, 5_000]


def test_ticks_of_rates_are_printed_exactly():
    for highest in (0.003, 0.9, 4.1, 7.5, 31):
        step = tick_step(highest, 1)

        assert highest <= 4 * step < 3 * highest
        assert float(f"{step:.{decimals_of(step)}f}") == step


def test_bars_and_whiskers_share_one_scale():
    assert width_of(5, 10) == "50.00"
    assert whisker_of(4, 6, 10) == "M40.00 5H60.00"
    assert width_of(0, 0) == "0"
