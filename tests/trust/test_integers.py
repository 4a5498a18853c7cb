import pytest

from trust.integers import read_id


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("007", 7), ("48213", 48_213), (str(2**63 - 1), 2**63 - 1)])
def test_a_number_that_the_database_can_hold_is_read(text, number):
    assert read_id(text) == number


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "1.0", " 1", "1_0", "0x1", "²", "٣", str(2**63), "9" * 20, "9" * 100_000]
)
def test_nothing_else_is_a_number(text):
    assert read_id(text) is None
