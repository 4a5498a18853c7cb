"""What is hidden, and that nothing hidden can be worked out from what is shown."""

from itertools import product

from hypothesis import given, settings, strategies as st

from incidents.statistics.suppression import K, hidden_places, width_of
from tests.statistics.by_the_book import hidden_by_the_book

SMALL = 3


def with_totals(cells: list[list[int]]) -> list[list[int]]:
    rows = [[*row, sum(row)] for row in cells]
    return [*rows, [sum(column) for column in zip(*rows, strict=True)]]


def hidden_of(cells: list[list[int]]) -> set[tuple[int, int]]:
    """Return what is hidden where no actor was counted twice."""
    counts = with_totals(cells)
    return set(hidden_places(counts, counts))


def test_nothing_is_hidden_where_nothing_is_of_few():
    assert hidden_of([[10, 25], [31, 12]]) == set()


def test_a_zero_is_shown_where_its_row_and_its_column_are_of_many():
    assert hidden_of([[0, 25], [31, 12]]) == set()


def test_a_count_of_few_takes_the_cheapest_rectangle_with_it():
    hidden = hidden_of([[3, 40, 20], [50, 60, 30], [70, 80, 11]])

    assert hidden == {(0, 0), (0, 2), (1, 0), (1, 2)}


def test_a_rectangle_needs_corners_that_can_lose_enough():
    hidden = hidden_of([[3, 40, 9], [50, 60, 30]])

    assert {(0, 0), (0, 1), (0, 2)} <= hidden


def test_many_incidents_of_few_actors_are_of_few():
    counts = with_totals([[40, 50], [60, 70]])
    actors = with_totals([[1, 50], [60, 70]])

    hidden = hidden_places(counts, actors)

    assert (0, 0) in hidden
    assert width_of(counts, hidden, (0, 0), 1000) >= 40


def test_a_week_of_few_is_hidden_whole_zeros_included():
    hidden = hidden_of([[3, 0, 2], [40, 50, 60], [30, 20, 25]])

    assert {(0, column) for column in range(4)} <= hidden


def test_a_column_of_few_is_hidden_whole_zeros_included():
    hidden = hidden_of([[3, 50, 40], [0, 60, 20], [2, 25, 30]])

    assert {(row, 0) for row in range(4)} <= hidden


def test_a_hidden_week_takes_the_smallest_other_week_with_it():
    hidden = hidden_of([[3, 0], [40, 50], [30, 20]])

    assert {row for row in range(4) if (row, 2) in hidden} == {0, 2}


def test_totals_of_weeks_are_hidden_alike_in_every_table_of_the_same_counts():
    by_policy = hidden_of([[3, 2], [40, 50], [30, 20]])
    by_severity = hidden_of([[1, 1, 3], [80, 5, 5], [10, 10, 30]])

    assert {row for row, column in by_policy if column == 2} == {row for row, column in by_severity if column == 3}


def test_all_is_hidden_where_everything_together_is_of_few():
    assert hidden_of([[1, 2], [3, 0]]) == {(row, column) for row in range(3) for column in range(3)}


def test_an_empty_table_shows_its_zeros():
    assert hidden_of([[0, 0], [0, 0]]) == set()


def test_a_table_without_rows_or_columns_is_shown():
    assert hidden_places([[0]], [[0]]) == frozenset()
    assert hidden_places([[0, 0]], [[0, 0]]) == frozenset()


@st.composite
def tables(draw, biggest: int = 60):
    """Counts with totals, and the actors behind them: at least the most of any part, at most the sum of the parts."""
    rows, columns = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    number = st.one_of(st.just(0), st.integers(1, 12), st.integers(1, biggest))
    counts = [[draw(number) for _ in range(columns)] for _ in range(rows)]
    actors = [[draw(st.integers(0, count)) for count in row] for row in counts]
    share = draw(st.booleans())  # the same actors everywhere, or others in each cell
    total = max if share else sum
    with_them = [[*row, total(row)] for row in actors]
    with_them.append([total(column) for column in zip(*with_them, strict=True)])
    return with_totals(counts), with_them


def bounds_by_trial(counts: list[list[int]], hidden: frozenset, most: int) -> dict[tuple[int, int], tuple[int, int]]:
    """Try every way to fill the hidden places with 0 to ``most``; return the lowest and highest of each."""
    rows, columns = len(counts) - 1, len(counts[0]) - 1
    inner = [(row, column) for row, column in product(range(rows), range(columns)) if (row, column) in hidden]
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for values in product(range(most + 1), repeat=len(inner)):
        filled = dict(zip(inner, values, strict=True))
        body = [[filled.get((row, column), counts[row][column]) for column in range(columns)] for row in range(rows)]
        whole = with_totals(body)
        if any(
            whole[row][column] != counts[row][column]
            for row, column in product(range(rows + 1), range(columns + 1))
            if (row, column) not in hidden
        ):
            continue
        for place in hidden:
            value = whole[place[0]][place[1]]
            low, high = found.get(place, (value, value))
            found[place] = (min(low, value), max(high, value))
    return found


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 5), min_size=2, max_size=2), min_size=2, max_size=2), st.booleans())
def test_every_hidden_count_could_be_another_by_trying_all_fillings(body, of_one):
    counts = with_totals(body)
    actors = [[min(count, 1) for count in row] for row in counts] if of_one else counts

    hidden = hidden_places(counts, actors, SMALL)

    for place, (low, high) in bounds_by_trial(counts, hidden, 8).items():
        assert high - low >= SMALL, place


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 5), min_size=2, max_size=2), min_size=2, max_size=2), st.data())
def test_the_width_is_that_of_all_fillings(body, data):
    counts = with_totals(body)
    places = list(product(range(3), range(3)))
    hidden = frozenset(data.draw(st.sets(st.sampled_from(places), min_size=1)))

    bounds = bounds_by_trial(counts, hidden, 8)

    for place, (low, high) in bounds.items():
        assert min(width_of(counts, hidden, place, 3), 3) == min(high - low, 3)


@settings(max_examples=100, deadline=None)
@given(tables())
def test_every_hidden_count_keeps_a_wide_interval(table):
    counts, actors = table

    hidden = hidden_places(counts, actors)

    for row, column in hidden:
        is_of_few = counts[row][column] > 0 and actors[row][column] < K
        needed = max(K, counts[row][column]) if is_of_few else K
        assert width_of(counts, hidden, (row, column), needed) >= needed


@settings(max_examples=60, deadline=None)
@given(tables())
def test_no_count_of_few_is_shown(table):
    counts, actors = table

    hidden = hidden_places(counts, actors)

    for row, column in product(range(len(counts)), range(len(counts[0]))):
        assert (row, column) in hidden or counts[row][column] == 0 or actors[row][column] >= K


@given(tables())
@settings(max_examples=20, deadline=None)
def test_the_same_table_is_hidden_the_same_way(table):
    assert hidden_places(*table) == hidden_places(*table)


@settings(max_examples=100, deadline=None)
@given(tables())
def test_the_rule_as_it_is_written_hides_the_same(table):
    counts, actors = table

    assert hidden_places(counts, actors) == hidden_by_the_book(counts, actors)
