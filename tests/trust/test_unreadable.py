"""What people read about text that is no JSON or CSV: our words, with the place."""

import csv
import json

import pytest

from trust import unreadable


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"a": }', "character 7: a value is missing, or is not written as JSON"),
        ('{"a": 1\n "b": 2}', "line 2, character 2: a comma is missing"),
        ('{"a" 1}', "character 6: a colon is missing"),
        ("{a: 1}", "character 2: a name in double quotes is missing"),
        ("{} {}", "character 4: something follows where it should have ended"),
        ('{"a": "b}', "character 7: a text has no closing quote"),
        ('{"a": "\t"}', "character 8: a text holds a line end or another control character"),
        ('{"a": "\\q"}', "character 8: a backslash stands before something that it cannot stand before"),
        ('{"a": 1', "it ends too early"),
        ("", "it ends too early"),
        ("9" * 5_000, "a number is too long"),
    ],
)
def test_what_is_wrong_with_json_is_said_in_our_words(text, sentence):
    with pytest.raises(ValueError, match=r".") as refused:
        json.loads(text)

    assert unreadable.why_not_json(refused.value) == sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('a,"b', "a quote is opened and never closed"),
        ('"a"b,c', "something stands right behind a closing quote"),
        ("x" * 2_000_000, "a cell is too long"),
    ],
)
def test_what_is_wrong_with_csv_is_said_in_our_words(text, sentence):
    with pytest.raises(csv.Error) as refused:
        list(csv.reader([text], strict=True))

    assert unreadable.why_not_csv(refused.value) == sentence
