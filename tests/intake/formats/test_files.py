"""CSV files as they come: whatever stands between cells, rows that do not fit the header, and JSON in disguise."""

import io

import msgspec
import pytest

from incidents.intake.formats import converting, files
from incidents.intake.formats.catalogue import FORMATS
from incidents.intake.formats.converting import Given, NotOfFormat
from tests.factories import NOW


def rows(text: str) -> list[dict[str, object]]:
    return [msgspec.json.decode(said) for _place, said in files.rows(io.BytesIO(text.encode()))]


@pytest.mark.parametrize("delimiter", list(files.DELIMITERS))
def test_the_header_tells_what_stands_between_cells(delimiter):
    text = "id,said\n1,Tea.\n".replace(",", delimiter)

    assert rows(text) == [{"id": "1", "said": "Tea."}]


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [("text", ","), ('"a;b;c",d', ","), ("a;b,c;d", ";"), ('"a,""b"",c";d', ";"), ("", ",")],
)
def test_what_stands_in_quotes_does_not_count(header, delimiter):
    assert files.delimiter_of(header) == delimiter


@pytest.mark.parametrize("text", ['{"external_id": "1", "external_id": "1"}\n', "[\n{}]", '[{"a": 1}]', "{\n"])
def test_json_is_told_from_csv(text):
    with pytest.raises(files.LooksLikeJson, match="looks like JSON"):
        rows(text)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("1", "The row has one cell, the header names 3 columns."),
        ("1,2026-11-01T10:00:00Z", "The row has 2 cells, the header names 3 columns."),
        ("1,2026-11-01T10:00:00Z,Tea.,more,", "The row has 5 cells, the header names 3 columns."),
    ],
)
def test_a_row_whose_cells_do_not_fit_the_header_is_refused_with_its_id(row, sentence):
    text = f"external_id,occurred_at,generation.messages.user\n{row}\n"
    (_place, record), *_rest = files.rows(io.BytesIO(text.encode()))

    with pytest.raises(NotOfFormat) as refused:
        FORMATS["csv"].alerts(record, Given(NOW))

    assert refused.value.errors == {"row": [sentence]}
    assert refused.value.external_id == "1"


def test_a_row_that_only_quotes_our_word_for_a_bad_row_is_read():
    text = f"external_id,occurred_at,generation.messages.user\n1,2026-11-01T10:00:00Z,{converting.RAGGED}\n"
    (_place, record), *_rest = files.rows(io.BytesIO(text.encode()))

    assert len(FORMATS["csv"].alerts(record, Given(NOW))) == 1
