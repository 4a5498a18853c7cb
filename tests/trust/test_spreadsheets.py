"""CSV that no spreadsheet runs, opened again."""

import csv
import io

import pytest

from trust.spreadsheets import TRIGGERS, csv_text


def reopened(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize("before", ["", " ", "　"])
def test_text_that_could_be_a_formula_gets_an_apostrophe(trigger, before):
    [_header, [value]] = reopened(csv_text(["name"], [[f"{before}{trigger}1+1"]]))

    assert value == f"'{before}{trigger}1+1"


def test_headings_are_text_like_any_other():
    assert reopened(csv_text(["=name"], [])) == [["'=name"]]


@pytest.mark.parametrize("text", ["plain", "a=b", "it's", 'say "so", then', "two\nlines", "é 日本", ""])
def test_other_text_comes_back_as_it_is(text):
    assert reopened(csv_text(["name", "more"], [[text, "x"]]))[1] == [text, "x"]


def test_numbers_stay_numbers_and_nothing_is_empty():
    assert csv_text(["a", "b", "c"], [[-3, 2.5, None]]) == "a,b,c\r\n-3,2.5,\r\n"
